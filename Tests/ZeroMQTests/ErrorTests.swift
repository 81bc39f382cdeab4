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
        ("tcp://127.0.0.1", EINVAL, "malformed"),
        ("nonsense", EINVAL, "malformed"),
        ("carrier://pigeon", EPROTONOSUPPORT, "use tcp, ipc or inproc"),
        ("tcp://no-such-interface:1", ENODEV, "no network interface"),
        ("tcp://192.0.2.1:*", EADDRNOTAVAIL, "no such address"),
        ("ipc:///no/such/folder/socket", ENOENT, "create the folder"),
        ("ipc:///tmp/" + String(repeating: "x", count: 108), ENAMETOOLONG, "107 bytes"),
    ])
    func `a bad address is refused in a sentence that names it`(
        endpoint: String,
        code: Int32,
        words: String
    ) throws {
        let context = try Context()
        let socket = try Socket(context, kind: .router)
        let error = try Self.error { () throws(ZeroMQError) in try socket.bind(endpoint) }
        #expect(error.code == code)
        #expect(error.description.hasPrefix("cannot bind \(endpoint): "))
        #expect(error.description.contains(words))
    }

    @Test func `a port in use is refused`() throws {
        let context = try Context()
        let first = try Socket(context, kind: .router)
        let second = try Socket(context, kind: .router)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let error = try Self.error { () throws(ZeroMQError) in try second.bind(endpoint) }
        #expect(error.code == EADDRINUSE)
        #expect(error.description.contains("in use"))
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
        #expect(error.description.contains("remove the file"))
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

    @Test func `an option out of range names itself`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = -1
        let error = try Self.error { () throws(ZeroMQError) in
            _ = try Socket(context, kind: .router, options: options)
        }
        #expect(error.code == EINVAL)
        #expect(error.description.hasPrefix("cannot set sendHighWaterMark: "))
    }

    @Test func `more sockets than the context holds are refused`() throws {
        let context = try Context(maximumSockets: 1)
        let first = try Socket(context, kind: .pair)
        let error = try Self.error { () throws(ZeroMQError) in
            _ = try Socket(context, kind: .pair)
        }
        #expect(error.code == EMFILE)
        #expect(error.description.contains("too many"))
        #expect(try first.bind("tcp://127.0.0.1:*") != "")
    }

    @Test func `an error without a sentence of its own still says what the system says`() {
        let error = ZeroMQError(operation: "receive", code: EIO)
        #expect(error.description == "cannot receive: Input/output error (error \(EIO))")
    }

    @Test func `the library tells its version`() {
        let parts = Context.libraryVersion.split(separator: ".").compactMap { Int($0) }
        #expect(parts.count == 3)
        #expect(parts[0] >= 4)
    }
}
