import Attention
import Glibc
import Scheduling
import Timing
import Wire
import ZeroMQ

extension Cluster {
    func startWorkers() throws(ClusterError) {
        let allowed = Affinity.allowedProcessors
        let launcher = configuration.launcher
        for ordinal in 0..<configuration.workerCount {
            let sharedOutput = configuration.sharesMemory ? try SharedOutput() : nil
            let process = try launcher.start(
                WorkerSeat(
                    rank: ordinal,
                    endpoint: endpoint,
                    token: token.hexadecimal,
                    threads: configuration.threads,
                    credit: configuration.credit,
                    processors: Affinity.processors(
                        ofWorker: ordinal,
                        workerCount: configuration.workerCount,
                        threads: configuration.threads,
                        among: allowed
                    ),
                    fault: configuration.faults[ordinal],
                    sharedOutput: sharedOutput?.descriptor
                )
            )
            let item = poller.add(fileDescriptor: process.exitDescriptor)
            links.append(
                WorkerLink(
                    ordinal: ordinal,
                    process: process,
                    exitItem: item,
                    sharedOutput: sharedOutput
                )
            )
        }
    }

    /// Waits for every worker's HELLO, up to the join limit.
    ///
    /// A worker that is killed or stays silent is lost, as it would be later, and the others
    /// continue without it. A worker that ends by itself has a reason, which will also hold for the
    /// others.
    func waitForJoins() throws(ClusterError) {
        let limit = Self.now + configuration.joinLimit
        while links.contains(where: { $0.state == .expected }) {
            try step()
            if let failed = links.first(where: \.hasFailedToStart) {
                try interruption.checkForCause()
                throw ClusterError(
                    .environment,
                    "worker \(failed.ordinal) \(lossReason(of: failed)); \(Self.startAdvice)"
                )
            }
            guard Self.now > limit else { continue }
            for link in links where link.state == .expected {
                lose(link, .silent(configuration.joinLimit))
            }
        }
        guard liveWorkerCount == 0 else { return }
        try interruption.checkForCause()
        throw nobodyJoined
    }

    /// Why a cluster has no worker from the start.
    private var nobodyJoined: ClusterError {
        // A worker killed before or after it joined was lost; the state of silent workers is
        // unknown.
        if let lost = links.last(where: { !$0.isSilentSinceStart }) {
            return ClusterError(
                .unfinished,
                "no workers left: worker \(lost.ordinal) \(lossReason(of: lost)); \(Self.startAdvice)"
            )
        }
        let names = links.map { "\($0.ordinal)" }.joined(separator: ", ")
        return ClusterError(
            .environment,
            "worker \(names) did not join at \(endpoint) within "
                + "\(configuration.joinLimit.components.seconds) s; start fewer --workers or free "
                + "the machine"
        )
    }

    private static let startAdvice =
        "run 'headwise worker --help' to see whether the program starts here"

    /// Handles a HELLO: checks the token, and welcomes the worker or refuses it.
    func join(_ hello: Hello, from peer: RoutingID) throws(ClusterError) {
        func refuse(_ reason: String) throws(ClusterError) {
            try sendSetUp(Refuse(reason: reason), to: peer)
        }
        guard hello.token.matches(token) else {
            return try refuse("the worker does not know the run's token")
        }
        guard links.indices.contains(hello.rank), links[hello.rank].state == .expected else {
            return try refuse("no worker of rank \(hello.rank) is expected")
        }
        let link = links[hello.rank]
        link.instructionSets = hello.instructionSets
        link.peer = peer
        link.state = .joined
        linkByPeer[peer] = link
        try sendSetUp(
            Welcome(
                worker: link.ordinal,
                heartbeatMilliseconds: configuration.limits.heartbeatMilliseconds,
                silenceLimitMilliseconds: Self.silenceLimitMilliseconds
            ),
            to: peer
        )
        perform(
            dispatcher.handle(
                .workerJoined(link.id, ordinal: link.ordinal, credit: hello.credit),
                now: Self.now
            )
        )
    }

    func lossReason(of link: WorkerLink) -> String {
        dispatcher.faults.last { $0.ordinal == link.ordinal }.map { "\($0.reason)" }
            ?? link.ending.map { "\($0)" } ?? "ended"
    }
}

extension WorkerLink {
    /// Whether the worker has ended by itself instead of joining.
    fileprivate var hasFailedToStart: Bool {
        guard !hasJoined else { return false }
        switch ending {
        case .signalled, .silent, nil: return false
        default: return true
        }
    }

    /// Whether the worker was lost because it stayed silent and never joined.
    fileprivate var isSilentSinceStart: Bool {
        if !hasJoined, case .silent = ending { true } else { false }
    }
}

extension DispatcherLimits {
    /// Ten beats may be lost before a worker is suspected.
    var heartbeatMilliseconds: Int {
        let (seconds, attoseconds) = suspectAfter.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return max(10, milliseconds / 10)
    }
}
