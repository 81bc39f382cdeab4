import Files
import Keys
import Platform
import Wire
import ZeroMQ

/// By what the workers of a run show, while they connect, that they belong to it.
enum EntryRule: Sendable {
    /// All show the run's token, which nobody else on this machine can read.
    case token(RunToken)
    /// Each has a key of its own, which says which worker it is.
    case keys(CoordinatorKeys)

    /// That of a configuration; `token` is the run's own.
    ///
    /// Throws where the keys are not as they should be, or where strangers could read the token.
    init(_ configuration: ClusterConfiguration, _ token: RunToken) throws(RunError) {
        if let folder = configuration.keys {
            let count = configuration.workerCount
            self = .keys(
                try RunError.environment { () throws(ExperimentError) in
                    try folder.coordinatorKeys(workerCount: count)
                }
            )
            return
        }
        guard configuration.bind.isLoopback else {
            throw RunError(
                .environment,
                "the address \(configuration.bind) is open to other hosts, which takes keys; run "
                    + "'headwise keys new keys --workers \(configuration.workerCount)' and add "
                    + "--keys keys"
            )
        }
        self = .token(token)
    }

    var security: SocketSecurity {
        switch self {
        case .token: .passwordServer
        case .keys(let keys): .keyServer(keys.pair)
        }
    }

    /// The name of a worker that may come in, under which its messages come, empty if it has none; nil
    /// for anybody else.
    func user(_ credentials: Credentials) -> String? {
        switch (self, credentials) {
        case (.token(let token), .password(WireProtocol.workerName, let password)):
            guard let shown = RunToken(hexadecimal: password), shown.matches(token) else {
                return nil
            }
            return ""
        case (.keys(let keys), .key(let key)):
            return keys.ranks[key].map { "\(KeyOwner.worker(rank: $0))" }
        default: return nil
        }
    }

    /// Whether a peer of that name may be the worker of that rank.
    func mayBe(_ rank: Int, user: String?) -> Bool {
        switch self {
        case .token: true
        case .keys: user == "\(KeyOwner.worker(rank: rank))"
        }
    }
}
