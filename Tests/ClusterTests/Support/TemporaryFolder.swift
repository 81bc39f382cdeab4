import Glibc
import Processes
import Testing

/// A fresh folder that only this user may enter, gone with everything in it afterwards.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/headwise-test-XXXXXX".utf8CString)
        let isMade = mkdtemp(&template) != nil
        try #require(isMade)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in Self.names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Writes a shell script that can be started; returns its path.
    ///
    /// Another process writes it. Had this one the file open while another test starts a program,
    /// that program would have it open too for a moment, and the system starts nothing that is open
    /// for writing.
    func writeProgram(_ name: String, _ script: String) throws -> String {
        let program = "\(path)/\(name)"
        let outcome = try PipedProcess.run(
            "/bin/sh",
            ["-c", "cat >'\(program)' && chmod 700 '\(program)'"],
            input: Array("#!/bin/sh\n\(script)\n".utf8),
            milliseconds: 60_000
        )
        try #require(outcome.ending == .ended(.exited(code: 0)))
        return program
    }

    /// The names of what lies in a folder.
    static func names(in path: String) -> [String] {
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
}

/// A test that waits this long for one thing has failed.
let patience = Duration.seconds(20)

/// Waits until a descriptor is readable; false when that takes too long.
func waitUntilReadable(_ descriptor: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var result: Int32 = -1
    repeat {
        result = poll(&item, 1, Int32(patience.components.seconds * 1000))
    } while result < 0
        && errno == EINTR
    return result == 1
}
