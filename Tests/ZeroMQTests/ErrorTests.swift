import TestSupport
import Testing
import ZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct ErrorTests {
    /// What `body` throws; fails the test when it throws nothing.
    static func error(_ body: () throws(ZeroMQError) -> Void) throws -> ZeroMQError {
        do {
            try body()
        } catch {
            return error
        }
        try #require(Bool(false), "nothing was thrown")
        return ZeroMQError(operation: "", code: 0)
    }

    @Test(arguments: [
        ("tcp://127.0.0.1", EINVAL, "tcp://ADDRESS:PORT"),
        ("nonsense", EINVAL, "tcp://ADDRESS:PORT"),
        ("carrier://pigeon", EPROTONOSUPPORT, "inproc"),
        ("tcp://no-such-interface:1", ENODEV, ""),
        ("tcp://192.0.2.1:*", EADDRNOTAVAIL, "127.0.0.1"),
        ("ipc:///no/such/folder/socket", ENOENT, ""),
        ("ipc:///tmp/" + String(repeating: "x", count: 108), ENAMETOOLONG, "107 bytes"),
    ])
    func `a bad address is refused by name, with what is accepted`(
        endpoint: String,
        code: Int32,
        accepted: String
    ) throws {
        let context = try Context()
        let socket = try Socket(context, kind: .router)
        let error = try Self.error { () throws(ZeroMQError) in try socket.bind(endpoint) }
        #expect(error.code == code)
        #expect(error.operation == "bind")
        #expect(error.endpoint == endpoint)
        #expect(error.description.contains(endpoint))
        #expect(accepted.isEmpty || error.description.contains(accepted), "\(error)")
        // A reason of ours, not the system's.
        #expect(!error.description.contains("(error \(code))"), "\(error)")
    }

    @Test func `a port in use is refused`() throws {
        let context = try Context()
        let first = try Socket(context, kind: .router)
        let second = try Socket(context, kind: .router)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let error = try Self.error { () throws(ZeroMQError) in try second.bind(endpoint) }
        #expect(error.code == EADDRINUSE)
        #expect(error.endpoint == endpoint)
    }

    @Test func `a path in use is refused and not stolen`() throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let first = try Socket(context, kind: .router)
        let second = try Socket(context, kind: .router)
        try first.bind(folder.endpoint)
        let endpoint = folder.endpoint
        let error = try Self.error { () throws(ZeroMQError) in try second.bind(endpoint) }
        #expect(error.code == EADDRINUSE)
        // A path may have been left behind, which no port can.
        let port = "tcp://127.0.0.1:1"
        let ofPort = ZeroMQError(operation: error.operation, code: EADDRINUSE, endpoint: port)
        #expect(
            error.description.replacing(endpoint, with: "")
                != ofPort.description.replacing(port, with: "")
        )
        let dealer = try Socket(context, kind: .dealer)
        try dealer.connect(endpoint)
        #expect(try dealer.send(header: ([3] as [UInt8]).span) == .sent)
        var envelope = Envelope()
        try next(first, into: &envelope)
        #expect(envelope.header.copiedBytes == [3])
    }

    @Test func `the socket file goes with the socket`() throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        do {
            let socket = try Socket(context, kind: .router)
            try socket.bind(folder.endpoint)
            #expect(try folder.names == ["socket"])
        }
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: [106, 107])
    func `an ipc path of up to 107 bytes is accepted`(byteCount: Int) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let socket = try Socket(context, kind: .router)
        let name = String(repeating: "s", count: byteCount - folder.path.utf8.count - 1)
        try socket.bind("ipc://\(folder.path)/\(name)")
        #expect(try folder.names == [name])
    }

    @Test func `an option out of range is refused by name`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = -1
        let error = try Self.error { () throws(ZeroMQError) in
            _ = try Socket(context, kind: .router, options: options)
        }
        #expect(error.code == EINVAL)
        #expect(error.operation.contains("sendHighWaterMark"))
        #expect(error.description.contains(error.operation))
    }

    @Test func `more sockets than the context holds are refused`() throws {
        let context = try Context(maximumSockets: 1)
        let first = try Socket(context, kind: .pair)
        let error = try Self.error { () throws(ZeroMQError) in
            _ = try Socket(context, kind: .pair)
        }
        #expect(error.code == EMFILE)
        #expect(error.description.contains("ulimit -n"))
        #expect(try first.bind("tcp://127.0.0.1:*") != "")
    }

    @Test func `an error without a text of ours has the system's text and number`() {
        let error = ZeroMQError(operation: "receive", code: EIO)
        for part in ["receive", "Input/output error", "(error \(EIO))"] {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test func `the library has a version`() {
        let parts = Context.libraryVersion.split(separator: ".").compactMap { Int($0) }
        #expect(parts.count == 3)
        #expect(parts[0] >= 4)
    }
}
