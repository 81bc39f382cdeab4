import Plan
import Platform
import Record
import Work

/// Measures two sides, A and B, in turn: replicate by replicate with fresh processes, and within a
/// replicate trial by trial.
///
/// So the machine's changes affect both sides alike. Two runs one after the other are not
/// comparable to a few percent on a machine whose speed drifts by more than that.
struct InterleavedTrials {
    /// Replicates of one point: every wall time of A and of B.
    struct PointSamples: Equatable, Sendable {
        var workers: Int
        /// The threads of A and of B.
        var threads: [Int]
        var first: [[UInt64]] = []
        var second: [[UInt64]] = []
    }

    let sides: [TrialsProcess.Launch]
    let schedule: ComparisonSchedule
    private let interruption: Interruption
    /// The indices of a pair's points in A's plan and in B's.
    private let pairs: [[Int]]
    private(set) var points: [PointSamples]
    /// The greetings of A and of B, once they have arrived.
    private(set) var greetings: [TrialsGreeting] = []
    private(set) var outputChecksums: [String] = []
    private(set) var verifications: [String] = []
    /// What came to the clusters of A and of B, in all replicates.
    private(set) var strangers = [Strangers(), Strangers()]
    private(set) var finishedReplicates = 0
    private(set) var elapsedNanoseconds: UInt64 = 0
    private var shortestReplicateNanoseconds = UInt64.max

    /// How long a replicate of both sides took on average; 0 before the first is finished.
    var secondsPerReplicate: Double {
        Double(elapsedNanoseconds) / 1e9 / Double(max(finishedReplicates, 1))
    }

    /// Untimed blocks at the start of a replicate.
    private static let mostWarmups = 8

    /// Two sides, A first, and the worker counts of their plans.
    init(
        first: TrialsProcess.Launch,
        second: TrialsProcess.Launch,
        plans: [RunPlan],
        schedule: ComparisonSchedule,
        interruption: Interruption
    ) {
        sides = [first, second]
        self.schedule = schedule
        self.interruption = interruption
        let common = plans[0].workers.filter { plans[1].workers.contains($0) }
        pairs = common.map { count in plans.map { $0.workers.firstIndex(of: count) ?? 0 } }
        points = common.map { PointSamples(workers: $0, threads: plans.map(\.threads)) }
    }

    /// Measures until the schedule ends; calls `kept` after each replicate.
    ///
    /// `greeted` may refuse the sides before they are measured.
    mutating func run(
        progress: (String) -> Void,
        greeted: ([TrialsGreeting]) throws -> Void,
        kept: (borrowing InterleavedTrials) throws -> Void
    ) throws {
        let start = Clock.nanoseconds
        while schedule.startsReplicate(
            after: finishedReplicates,
            elapsedNanoseconds: elapsedNanoseconds,
            shortestNanoseconds: shortestReplicateNanoseconds
        ) {
            let begin = elapsedNanoseconds
            progress("replicate \(finishedReplicates + 1) of \(schedule.replicates)")
            let deadline =
                start + schedule.deadline(after: finishedReplicates, elapsedNanoseconds: begin)
            do {
                try measureReplicate(
                    deadline: deadline,
                    budgetEnd: start + schedule.budgetNanoseconds,
                    greeted: greeted
                )
            } catch {
                try interruption.checkForCause()
                throw error
            }
            finishedReplicates += 1
            elapsedNanoseconds = Clock.nanoseconds - start
            shortestReplicateNanoseconds = min(
                shortestReplicateNanoseconds,
                elapsedNanoseconds - begin
            )
            try kept(self)
        }
    }

    /// Measures one replicate; if anything fails in it, it leaves no sample.
    private mutating func measureReplicate(
        deadline: UInt64,
        budgetEnd: UInt64,
        greeted: ([TrialsGreeting]) throws -> Void
    ) throws {
        let begin = Clock.nanoseconds
        let processes = try startProcesses()
        defer {
            for (side, process) in processes.enumerated() {
                strangers[side] = strangers[side] + process.strangers
                process.end()
            }
        }
        try meet(processes, greeted: greeted)
        let blocks = try warmUp(processes, deadline: deadline)
        let samples = try sample(
            processes,
            after: blocks,
            deadline: schedule.samplingDeadline(
                begin: begin,
                ready: Clock.nanoseconds,
                deadline: deadline,
                budgetEnd: budgetEnd
            )
        )
        if verifications.isEmpty {
            for process in processes { verifications.append(try process.verify()) }
        }
        for index in points.indices {
            points[index].first.append(samples[index][0])
            points[index].second.append(samples[index][1])
        }
    }

    /// Runs untimed blocks: one, and more while they fit into a tenth of the remaining time.
    ///
    /// Returns their number.
    private func warmUp(
        _ processes: [TrialsProcess],
        deadline: UInt64
    ) throws(RunError) -> Int {
        let begin = Clock.nanoseconds
        let limit = begin + (max(deadline, begin) - begin) / 10
        var longest: UInt64 = 0
        for block in 0..<Self.mostWarmups {
            let start = Clock.nanoseconds
            guard block == 0 || start + longest <= limit else { return block }
            try runBlock(block, processes) { _, _, _ in }
            longest = max(longest, Clock.nanoseconds - start)
        }
        return Self.mostWarmups
    }

    /// Runs timed blocks: one, and more while another fits before the deadline.
    ///
    /// Returns the wall times by pair and side.
    private func sample(
        _ processes: [TrialsProcess],
        after blocks: Int,
        deadline: UInt64
    ) throws(RunError) -> [[[UInt64]]] {
        var samples = [[[UInt64]]](repeating: [[], []], count: pairs.count)
        var block = blocks
        var longest: UInt64 = 0
        repeat {
            let start = Clock.nanoseconds
            try runBlock(block, processes) { samples[$0][$1].append($2) }
            longest = max(longest, Clock.nanoseconds - start)
            block += 1
        } while Clock.nanoseconds + longest < deadline
        return samples
    }

    /// Runs one trial of every pair on each side, in a new order for each block.
    private func runBlock(
        _ block: Int,
        _ processes: [TrialsProcess],
        _ take: (_ pair: Int, _ side: Int, _ wallNanoseconds: UInt64) -> Void
    ) throws(RunError) {
        let order = schedule.order(
            count: pairs.count * 2,
            replicate: finishedReplicates,
            block: block
        )
        for slot in order {
            let (pair, side) = (slot / 2, slot % 2)
            take(pair, side, try processes[side].runTrial(ofPoint: pairs[pair][side]))
        }
    }

    /// Starts both sides in random order, and lets them prepare at the same time.
    private func startProcesses() throws(RunError) -> [TrialsProcess] {
        let order = schedule.order(count: 2, replicate: finishedReplicates, block: 1 << 20)
        let a = try TrialsProcess(sides[order[0]], interruption: interruption)
        let b = try TrialsProcess(sides[order[1]], interruption: interruption)
        return order[0] == 0 ? [a, b] : [b, a]
    }

    /// Takes the sides' greetings and waits until both are ready; later replicates must have the
    /// same greetings and checksums.
    private mutating func meet(
        _ processes: [TrialsProcess],
        greeted: ([TrialsGreeting]) throws -> Void
    ) throws {
        var found: [TrialsGreeting] = []
        for process in processes { found.append(try process.waitForGreeting()) }
        if greetings.isEmpty {
            greetings = found
            try greeted(found)
        }
        var checksums: [String] = []
        for process in processes {
            checksums.append(try process.waitUntilReady().outputChecksum ?? "")
        }
        if outputChecksums.isEmpty { outputChecksums = checksums }
        guard found == greetings, checksums == outputChecksums else {
            throw RunError(
                .environment,
                "a plan or a program changed during the comparison; compare again, and do not change "
                    + "them"
            )
        }
    }
}
