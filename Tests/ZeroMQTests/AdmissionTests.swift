import TestSupport
import Testing
import ZeroMQ

struct AdmissionTests {
    @Test(arguments: Transport.allCases, [true, false])
    func `a peer is let in with its password alone`(transport: Transport, isRight: Bool) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let admission = try Admission(context)
        var options = SocketOptions()
        options.security = .passwordServer
        let router = try Socket(context, kind: .router, options: options)
        let endpoint = try router.bind(transport.endpoint(in: folder))
        let shown = isRight ? "right" : "wrong"
        options.security = .passwordClient(name: "peer", password: shown)
        let dealer = try Socket(context, kind: .dealer, options: options)
        let monitor = try Monitor(context, of: dealer)
        try dealer.connect(endpoint)
        try send([1, 2, 3], on: dealer)
        let right = Credentials.password(name: "peer", password: "right")
        let asked = try serve(admission, router, monitor, until: .authenticationFailed) {
            $0 == right ? "friend" : nil
        }
        #expect(asked == [.password(name: "peer", password: shown)])
        var envelope = Envelope()
        #expect(try router.receive(into: &envelope) == isRight)
        #expect(envelope.header.user == (isRight ? "friend" : nil))
    }

    /// A frame before the end of the handshake is no message.
    @Test(arguments: Transport.allCases)
    func `a peer that shows nothing is not let in`(transport: Transport) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let admission = try Admission(context)
        var options = SocketOptions()
        options.security = .passwordServer
        let router = try Socket(context, kind: .router, options: options)
        let monitor = try Monitor(context, of: router)
        let endpoint = try router.bind(transport.endpoint(in: folder))
        let dealer = try Socket(context, kind: .dealer)
        try dealer.connect(endpoint)
        try send([1, 2, 3], on: dealer)
        let asked = try serve(admission, router, monitor, until: .disconnected) { _ in "anybody" }
        #expect(asked.isEmpty)
        var envelope = Envelope()
        #expect(try !router.receive(into: &envelope))
    }
}
