import TestSupport
import Testing
import ZeroMQ

/// The transports that every test runs over.
enum Transport: String, CaseIterable, CustomTestStringConvertible {
    case ipc, tcp

    func endpoint(in folder: borrowing TemporaryFolder) -> String {
        self == .ipc ? folder.endpoint : "tcp://127.0.0.1:*"
    }

    var testDescription: String { rawValue }
}

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

/// Answers questions until the ROUTER has a message or the monitor an event of `kind`; returns what
/// was asked.
func serve(
    _ admission: borrowing Admission,
    _ router: borrowing Socket,
    _ monitor: borrowing Monitor,
    until kind: MonitorEvent.Kind,
    admits: (Credentials) -> String?
) throws -> [Credentials] {
    var poller = Poller()
    _ = poller.add(admission.socket)
    let message = poller.add(router)
    _ = poller.add(monitor.socket)
    var asked: [Credentials] = []
    while true {
        try #require(try poller.wait(patience) > 0, "nothing happened")
        while try admission.answer({
            asked.append($0)
            return admits($0)
        }) {}
        if !poller.events(of: message).isEmpty { return asked }
        while let event = try monitor.next() { if event.kind == kind { return asked } }
    }
}
