import TestSupport
import Testing
import ZeroMQ

struct CurveTests {
    private let server: KeyPair
    private let listed: KeyPair

    init() throws {
        server = try .random()
        listed = try .random()
    }

    // MARK: Keys

    @Test func `a key is what its text says`() throws {
        let pair = try KeyPair.random()
        let text = pair.publicKey.z85
        #expect(text.utf8.count == 40)
        #expect(PublicKey(z85: text) == pair.publicKey)
        #expect(PublicKey(bytes: pair.publicKey.bytes) == pair.publicKey)
        #expect(try KeyPair(of: pair.secretKey) == pair)
        #expect(try KeyPair.random() != pair)
        #expect(!"\(pair.secretKey)".contains(pair.secretKey.z85))
    }

    /// The example of RFC 26.
    @Test func `a secret key has the public one of the standard`() throws {
        let secret = try #require(SecretKey(z85: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"))
        let pair = try KeyPair(of: secret)
        #expect(pair.publicKey.z85 == "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7")
    }

    @Test(arguments: ["", "short", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf77"])
    func `a text that is no key is refused`(text: String) {
        #expect(PublicKey(z85: text) == nil)
        #expect(SecretKey(z85: text) == nil)
    }

    @Test(arguments: [" ", "\"", "~", "é", ",", ";", "|"])
    func `a character that Z85 does not have is refused`(character: String) throws {
        let text = String(try KeyPair.random().publicKey.z85.prefix(39)) + character
        #expect(PublicKey(z85: text) == nil)
        #expect(PublicKey(z85: String(text.dropFirst(character.utf8.count - 1))) == nil)
    }

    // MARK: Who gets in

    private func options(_ security: SocketSecurity) -> SocketOptions {
        var options = SocketOptions()
        options.security = security
        return options
    }

    @Test(arguments: Transport.allCases, [true, false])
    func `a peer with a listed key is let in, and known by it`(
        transport: Transport,
        isListed: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let admission = try Admission(context)
        let router = try Socket(context, kind: .router, options: options(.keyServer(server)))
        let endpoint = try router.bind(transport.endpoint(in: folder))
        let own = isListed ? listed : try .random()
        let dealer = try Socket(
            context,
            kind: .dealer,
            options: options(.keyClient(own, server: server.publicKey))
        )
        let monitor = try Monitor(context, of: dealer)
        try dealer.connect(endpoint)
        try send([1, 2, 3], on: dealer)
        let asked = try serve(admission, router, monitor, until: .authenticationFailed) {
            $0 == .key(listed.publicKey) ? "worker-7" : nil
        }
        #expect(asked == [.key(own.publicKey)])
        var envelope = Envelope()
        #expect(try router.receive(into: &envelope) == isListed)
        #expect(envelope.header.user == (isListed ? "worker-7" : nil))
        #expect(envelope.header.copiedBytes == (isListed ? [1, 2, 3] : []))
    }

    /// Peers that cannot show a key, or that expect another server.
    enum Stranger: String, CaseIterable {
        case plain, none, otherServer, passwordServer
    }

    /// A server that asks for keys says nothing of such peers to `Admission`: its monitor tells.
    @Test(arguments: Transport.allCases, Stranger.allCases)
    func `nothing of a peer without the right keys is delivered`(
        transport: Transport,
        stranger: Stranger
    ) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let admission = try Admission(context)
        let router = try Socket(context, kind: .router, options: options(.keyServer(server)))
        let monitor = try Monitor(context, of: router)
        let endpoint = try router.bind(transport.endpoint(in: folder))
        let security: SocketSecurity =
            switch stranger {
            case .plain: .passwordClient(name: "worker", password: "right")
            case .none: .none
            case .passwordServer: .passwordServer
            case .otherServer: .keyClient(listed, server: try KeyPair.random().publicKey)
            }
        let dealer = try Socket(context, kind: .dealer, options: options(security))
        try dealer.connect(endpoint)
        try send([1, 2, 3], on: dealer)
        let asked = try serve(admission, router, monitor, until: .disconnected) { _ in "anybody" }
        #expect(asked.isEmpty)
        var envelope = Envelope()
        #expect(try !router.receive(into: &envelope))
    }
}
