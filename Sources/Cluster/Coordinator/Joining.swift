import Platform
import Scheduling
import Work

/// Waiting for the workers of a cluster: how many have come, and what is said when they do not.
struct Joining {
    /// How many had come when that was last told.
    private var told = 0
    /// When the programs were seen to have failed that were to start the workers that are missing.
    private var failedTime: Duration?
    /// How long the cluster waited for those that did not come.
    private var waited = Duration.zero
    /// How often a worker came with a rank that was taken.
    private(set) var repeatedRanks: [Int: Int] = [:]

    /// What a worker is told that has no place; notes whose rank is taken.
    mutating func refusal(of rank: Int?, among links: [WorkerLink]) -> String {
        guard let rank else { return "all \(links.count) workers have come" }
        guard links.indices.contains(rank), links[rank].hasJoined else {
            return "no worker of rank \(rank) is expected"
        }
        repeatedRanks[rank, default: 1] += 1
        return "a worker of rank \(rank) has come already"
    }

    mutating func note(waited: Duration) { self.waited = waited }

    /// Whether nobody else can come, since what was to start them has failed a moment ago.
    mutating func isHopeless(_ links: [WorkerLink], _ launched: LaunchedWorkers, at now: Duration)
        -> Bool
    {
        guard launched.haveFailed(toStart: links.missing) else { return false }
        let since = failedTime ?? now
        failedTime = since
        return now - since > LaunchedWorkers.grace
    }

    /// How many have come, as a sentence, if that is news to somebody who starts them.
    mutating func news(_ links: [WorkerLink], _ launched: LaunchedWorkers) -> String? {
        guard launched.request != nil else { return nil }
        let come = links.count(where: \.hasJoined)
        guard come > told else { return nil }
        told = come
        return "\(come) of \(counted(links.count, "worker")) \(come == 1 ? "has" : "have") come"
    }

    /// Why a cluster has fewer workers than it needs; nil if it has enough.
    ///
    /// A program that could not start a single one lacks something here. When some have come, the others
    /// may only be late, or somewhere else; and a program that was killed may not be the next time.
    func shortage(
        _ links: [WorkerLink],
        _ launched: LaunchedWorkers,
        _ configuration: ClusterConfiguration
    ) -> RunError? {
        // A local one that is missing was lost, and is replaced.
        guard !configuration.launcher.sharesMemory else { return nil }
        let missing = links.missing
        let come = links.count - missing.count
        let needed = configuration.leastWorkers ?? links.count
        guard come < min(needed, links.count) else { return nil }
        let hasFailed = launched.haveFailed(toStart: missing)
        let names = missing.map(String.init).joined(separator: ", ")
        let twice = repeatedRanks.keys.sorted().map { rank in
            "rank \(rank) came \(repeatedRanks[rank] ?? 2) times"
        }
        let parts =
            [
                "\(come) of \(counted(links.count, "worker")) came within \(waited.plainText)"
                    + (come == 0 ? "" : ", not rank \(names)")
            ] + twice + [launched.account(of: missing), launched.doubt].compactMap { $0 }
        let remedy =
            !twice.isEmpty
            ? "give each worker a rank of its own, or none"
            // More time would not help.
            : hasFailed
                ? "see why they did not start"
                    + (come == 0 ? "" : ", or use fewer --workers or --min-workers")
                : "see why they did not start, or give --join-deadline, --min-workers or fewer --workers"
        return RunError(
            come == 0 && hasFailed && launched.wereUnable(toStart: missing)
                ? .environment : .unfinished,
            "\(parts.joined(separator: "; ")); \(remedy)"
        )
    }
}

extension [WorkerLink] {
    /// The ranks that nobody came with.
    var missing: [Int] { filter { !$0.hasJoined }.map(\.ordinal) }

    /// Why none of these workers is left; `kind` is that of the last loss.
    func noneLeft(
        _ kind: RunError.Kind,
        _ faults: [FaultRecord],
        at endpoint: String,
        _ limit: Duration,
        _ strangers: Strangers
    ) -> RunError {
        // A worker killed before or after it joined was lost; the state of silent workers is
        // unknown.
        if let lost = last(where: { !$0.isSilentSinceStart }) {
            return RunError(
                kind,
                "no workers left: worker \(lost.ordinal) \(lost.lossReason(faults)); "
                    + Self.startAdvice
            )
        }
        let names = map { "\($0.ordinal)" }.joined(separator: ", ")
        return RunError(
            kind,
            "worker \(names) did not join at \(endpoint) within \(limit.components.seconds) s"
                + (strangers.inWords.map { " (\($0))" } ?? "")
                + "; start fewer --workers, or stop other programs"
        )
    }

    /// Why none of these workers could prepare a problem.
    func nonePrepared(_ faults: [FaultRecord]) -> RunError {
        let failed = first { $0.isUnable(faults) }
        let named = failed ?? self[0]
        return RunError(
            failed == nil ? .unfinished : .environment,
            "no worker could prepare the problem; worker \(named.ordinal): "
                + named.lossReason(faults)
        )
    }

    static var startAdvice: String {
        "run 'headwise worker --help' to check that the program starts on this machine"
    }
}
