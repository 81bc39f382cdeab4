import Attention
import Glibc
import Scheduling
import Timing
import Wire
import ZeroMQ

extension Cluster {
    func startWorkers() throws(ClusterError) {
        let allowed = Affinity.allowedProcessors
        for ordinal in 0..<configuration.workerCount {
            var arguments = [
                "worker", "--connect", endpoint, "--token-descriptor", "3",
                "--threads", "\(configuration.threads)", "--credit", "\(configuration.credit)",
                "--parent", "\(getpid())",
            ]
            let processors = Affinity.processors(
                ofWorker: ordinal,
                workerCount: configuration.workerCount,
                threads: configuration.threads,
                among: allowed
            )
            if !processors.isEmpty {
                arguments += ["--cpus", processors.map(String.init).joined(separator: ",")]
            }
            if let fault = configuration.faults[ordinal] {
                arguments += ["--fault", fault]
            }
            let process = try ChildProcess(
                executable: configuration.executable,
                arguments: arguments,
                token: token.hexadecimal
            )
            let item = poller.add(fileDescriptor: process.exitDescriptor)
            links.append(WorkerLink(ordinal: ordinal, process: process, exitItem: item))
        }
    }

    /// Waits for every worker's HELLO.
    func waitForJoins() throws(ClusterError) {
        let limit = Self.now + configuration.joinLimit
        while links.contains(where: { $0.state == .expected }) {
            try step()
            if let lost = links.first(where: { $0.state == .gone }) {
                throw ClusterError(
                    .environment,
                    "worker \(lost.ordinal) ended before it joined: \(lossReason(of: lost)); run "
                        + "'headwise worker --help' to see whether the program starts here"
                )
            }
            if Self.now > limit {
                let missing = links.filter { $0.state == .expected }.map(\.ordinal)
                let names = missing.map(String.init).joined(separator: ", ")
                throw ClusterError(
                    .environment,
                    "worker \(names) did not join at \(endpoint) within "
                        + "\(configuration.joinLimit.components.seconds) s; start fewer --workers "
                        + "or free the machine"
                )
            }
        }
    }

    /// A HELLO: checks the token, and welcomes the worker or refuses it.
    func join(_ hello: Hello, from peer: RoutingID) throws(ClusterError) {
        func refuse(_ reason: String) throws(ClusterError) {
            try sendSetUp(Refuse(reason: reason), to: peer)
        }
        guard hello.token.matches(token) else {
            return try refuse("the worker does not know the run's token")
        }
        guard
            let link = links.first(where: {
                $0.state == .expected && $0.process.processIdentifier == hello.processIdentifier
            })
        else {
            return try refuse("no worker is expected from process \(hello.processIdentifier)")
        }
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
            ?? link.exitDescription
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
