import CZeroMQ

/// How two sockets make sure of each other while they connect, before either can send a message.
package enum SocketSecurity: Hashable, Sendable {
    /// Everybody is let in.
    case none
    /// A peer must show a name and a password, which the context's `Admission` judges. ZMTP 1 and 2
    /// know neither, so their peers are refused.
    case passwordServer
    /// Shows a name and a password, as they are: only for connections that nobody can listen to.
    case passwordClient(name: String, password: String)
    /// Everything is encrypted (CURVE, RFC 26). A peer must know this public key and prove its own,
    /// which the context's `Admission` judges. Peers of other mechanisms are refused.
    case keyServer(KeyPair)
    /// Proves its key, to a server that proves that it has the secret of `server`.
    case keyClient(KeyPair, server: PublicKey)

    func apply(to handle: SocketHandle) throws(ZeroMQError) {
        switch self {
        case .none: break
        case .passwordServer:
            try handle.set("passwordServer", ZMQ_PLAIN_SERVER, Int32(1))
            try Self.setDomain(handle)
        case .passwordClient(let name, let password):
            try handle.set("name", ZMQ_PLAIN_USERNAME, Array(name.utf8))
            try handle.set("password", ZMQ_PLAIN_PASSWORD, Array(password.utf8))
        case .keyServer(let own):
            try handle.set("keyServer", ZMQ_CURVE_SERVER, Int32(1))
            try handle.set("secret key", ZMQ_CURVE_SECRETKEY, own.secretKey.bytes)
            try Self.setDomain(handle)
        case .keyClient(let own, let server):
            try handle.set("server key", ZMQ_CURVE_SERVERKEY, server.bytes)
            try handle.set("public key", ZMQ_CURVE_PUBLICKEY, own.publicKey.bytes)
            try handle.set("secret key", ZMQ_CURVE_SECRETKEY, own.secretKey.bytes)
        }
    }

    /// Without a domain, libzmq asks nobody.
    private static func setDomain(_ handle: SocketHandle) throws(ZeroMQError) {
        try handle.set("domain", ZMQ_ZAP_DOMAIN, Array("headwise".utf8))
    }
}

/// What a peer shows to be let in.
package enum Credentials: Hashable, Sendable {
    case password(name: String, password: String)
    /// The key whose secret the peer has.
    case key(PublicKey)
    /// A mechanism that no socket here asks for.
    case other(mechanism: String)
}
