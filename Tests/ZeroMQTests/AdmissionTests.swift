import TestSupport
import Testing
import ZeroMQ

struct AdmissionTests {
    /// Answers questions until the ROUTER has a message or the dealer's monitor one of `kind`;
    /// returns what was asked.
    private func serve(
        _ admission: borrowing Admission,
        _ router: borrowing Socket,
        _ monitor: borrowing Monitor,
        until kind: MonitorEvent.Kind,
        admits: (Credentials) -> Bool
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
            $0 == right
        }
        #expect(asked == [.password(name: "peer", password: shown)])
        var envelope = Envelope()
        #expect(try router.receive(into: &envelope) == isRight)
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
        let asked = try serve(admission, router, monitor, until: .disconnected) { _ in true }
        #expect(asked.isEmpty)
        var envelope = Envelope()
        #expect(try !router.receive(into: &envelope))
    }
}
