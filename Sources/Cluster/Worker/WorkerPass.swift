import Keys
import Wire
import ZeroMQ

/// What a worker shows while it connects.
package enum WorkerPass: Sendable {
    case token(RunToken)
    case keys(WorkerKeys)

    var security: SocketSecurity {
        switch self {
        case .token(let token):
            .passwordClient(name: WireProtocol.workerName, password: token.hexadecimal)
        case .keys(let keys): .keyClient(keys.pair, server: keys.coordinator)
        }
    }

    /// Why a coordinator at `endpoint` refuses it.
    func refusal(at endpoint: String) -> String {
        switch self {
        case .token: "the token is not that of the run at \(endpoint)"
        case .keys(let keys):
            "the coordinator at \(endpoint) does not list the key of \(KeyOwner.worker(rank: keys.rank)) "
                + "(fingerprint \(keys.pair.publicKey.fingerprint)); give both the keys of one "
                + "'headwise keys new'"
        }
    }
}
