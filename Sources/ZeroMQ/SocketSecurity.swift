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

    func apply(to handle: SocketHandle) throws(ZeroMQError) {
        switch self {
        case .none: break
        case .passwordServer:
            try handle.set("passwordServer", ZMQ_PLAIN_SERVER, Int32(1))
            // Without a domain, libzmq asks nobody.
            try handle.set("domain", ZMQ_ZAP_DOMAIN, Array("headwise".utf8))
        case .passwordClient(let name, let password):
            try handle.set("name", ZMQ_PLAIN_USERNAME, Array(name.utf8))
            try handle.set("password", ZMQ_PLAIN_PASSWORD, Array(password.utf8))
        }
    }
}

/// What a peer shows to be let in.
package enum Credentials: Hashable, Sendable {
    case password(name: String, password: String)
    /// A mechanism that no socket here asks for.
    case other(mechanism: String)
}
