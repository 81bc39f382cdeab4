import Synchronization
import Testing

import ZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A fresh folder that only this user may enter, gone with everything in it afterwards.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/headwise-test-XXXXXX".utf8CString)
        let isMade = mkdtemp(&template) != nil
        try #require(isMade)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var endpoint: String { "ipc://\(path)/socket" }

    /// The names of what lies in it.
    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}

/// The transports every behaviour is tried over.
enum Transport: String, CaseIterable, CustomTestStringConvertible {
    case ipc, tcp

    func endpoint(in folder: borrowing TemporaryFolder) -> String {
        self == .ipc ? folder.endpoint : "tcp://127.0.0.1:*"
    }

    var testDescription: String { rawValue }
}

/// A test that waits this long for one thing has failed.
let patience = Duration.seconds(10)

/// Waits for the next frame; fails the test when none comes.
func next(_ socket: borrowing Socket) throws -> Message {
    var poller = Poller()
    let item = poller.add(socket)
    try poller.wait(patience)
    try #require(poller.events(of: item).contains(.readable), "nothing arrived")
    let message = try socket.receive()
    guard let message else {
        Issue.record("a readable socket had no frame")
        return Message()
    }
    return message
}

/// Waits for the next whole message.
func next(_ socket: borrowing Socket, into envelope: inout Envelope) throws {
    var poller = Poller()
    _ = poller.add(socket)
    try poller.wait(patience)
    try #require(try socket.receive(into: &envelope), "nothing arrived")
}

/// Sends one frame that must be taken.
func send(_ bytes: [UInt8], on socket: borrowing Socket, more: Bool = false) throws {
    var message: Message? = try Message(copying: bytes.span)
    try #require(try socket.send(&message, more: more) == .sent)
}
