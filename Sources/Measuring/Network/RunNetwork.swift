import Files
import Keys
import Plan
import Platform
import Record

/// Where the coordinators of a run listen over tcp, and by which keys they know their workers.
package struct RunNetwork: Sendable {
    let address: NetworkAddress
    /// Nil where workers show the run's token.
    let keys: KeyFolder?
    /// Of the coordinator's public key.
    private let fingerprint: String?

    /// Without keys, on loopback.
    static let loopback = RunNetwork()

    private init() {
        address = .loopback
        keys = nil
        fingerprint = nil
    }

    /// Reads the keys and finds the address; refuses what would not work, or not be safe.
    package init(_ plan: RunPlan) throws(ExperimentError) {
        try self.init(
            bind: plan.bind,
            keys: plan.keys,
            workerCount: plan.workers.max() ?? 1,
            areWorkersHere: plan.launch.isLocal,
            interfaces: { () throws(RunError) in try NetworkInterface.all() }
        )
    }

    /// The same of flags.
    package init(bind: String?, keys: String?, workerCount: Int) throws(ExperimentError) {
        try self.init(
            bind: bind,
            keys: keys,
            workerCount: workerCount,
            interfaces: { () throws(RunError) in try NetworkInterface.all() }
        )
    }

    init(
        bind: String?,
        keys: String?,
        workerCount: Int,
        areWorkersHere: Bool = true,
        interfaces: () throws(RunError) -> [NetworkInterface]
    ) throws(ExperimentError) {
        address = try Self.address(bind, interfaces)
        self.keys = keys.map { KeyFolder($0) }
        guard let folder = self.keys else {
            fingerprint = nil
            guard address.isLoopback else {
                throw ExperimentError(
                    .environment,
                    "--bind \(bind ?? "")",
                    "lets other hosts connect, which takes keys",
                    expected: "--keys FOLDER",
                    remedy: "run 'headwise keys new keys --workers \(workerCount)', and add "
                        + "--keys keys"
                )
            }
            return
        }
        fingerprint = try folder.coordinatorKeys(workerCount: workerCount)
            .pair.publicKey.fingerprint
        // Workers of another host have theirs there, and those of this one in the same folder.
        guard areWorkersHere else { return }
        for rank in 0..<workerCount { _ = try folder.workerKeys(rank: rank) }
    }

    private static func address(
        _ bind: String?,
        _ interfaces: () throws(RunError) -> [NetworkInterface]
    ) throws(ExperimentError) -> NetworkAddress {
        guard let bind else { return .loopback }
        let found: [NetworkInterface]
        do throws(RunError) {
            found = try interfaces()
        } catch {
            throw ExperimentError(
                .environment,
                "--bind \(bind)",
                "cannot be looked up (\(error))",
                expected: "a system that lists its addresses",
                remedy: "leave --bind out"
            )
        }
        return try BindChoice.address(bind, among: found)
    }

    /// What a record tells, which is never a secret.
    ///
    /// Nil where workers connect to 127.0.0.1 with the run's token.
    package var summary: NetworkSummary? {
        guard keys != nil || address != .loopback else { return nil }
        return NetworkSummary(address: "\(address)", fingerprint: fingerprint)
    }
}
