import Attention
import Scheduling
import Timing
import Wire
import Work
import ZeroMQ

extension Cluster {
    /// Computes the loaded problem once, cut as `plan` says, into `output` (`[slice][row][Dv]`).
    ///
    /// Before the clock starts, the shared outputs are filled with the sentinel, so that bytes a
    /// worker does not write are noticed.
    ///
    /// `secondsPerQueryBlock` is the longest time that a healthy worker may need for one query
    /// block. A worker without progress for a multiple of it counts as wedged. `inputs` are whole
    /// tensors that replace the loaded ones in this trial alone; their memory must stay as long as
    /// that of the loaded ones.
    @unsafe
    package func runTrial(
        _ plan: ShardPlan,
        output: UnsafeMutableRawPointer,
        secondsPerQueryBlock: Double,
        inputs: [TensorName: UnsafeRawBufferPointer] = unsafe [:]
    ) throws(ClusterError) -> TrialReport {
        guard let workload else {
            preconditionFailure("a trial needs a workload")
        }
        try catchUp()
        if workload.workload.outputs == .shared {
            for link in links where link.isLive { link.sharedOutput?.fillWritten() }
        }
        unsafe beginTrial(plan, workload.workload.problem, inputs: inputs, output: output)
        let wedgedAfter = max(
            configuration.limits.wedgedAfter,
            .seconds(min(secondsPerQueryBlock * 4, 1e6))
        )
        let cpuBefore = cpuTimes()
        let start = Clock.nanoseconds
        perform(
            dispatcher.handle(
                .trialStarted(trialCount, plan: plan, wedgedAfter: wedgedAfter),
                now: Self.now
            )
        )
        while let trial, !trial.isFinished, trial.failure == nil { try step() }
        return try endTrial(start: start, cpuBefore)
    }

    /// CPU time of this process and of every worker's so far.
    private func cpuTimes() -> (own: UInt64, workers: [UInt64?]) {
        (
            System.cpuNanoseconds,
            links.map(\.process.cpuNanoseconds)
        )
    }

    private func beginTrial(
        _ plan: ShardPlan,
        _ problem: AttentionProblem,
        inputs: [TensorName: UnsafeRawBufferPointer],
        output: UnsafeMutableRawPointer
    ) {
        trialCount += 1
        chunkTrial = trialCount
        trial = unsafe ActiveTrial(
            number: trialCount,
            inputs: inputs,
            assembly: OutputAssembly(
                problem: problem,
                shards: plan.shards,
                output: output
            )
        )
        for link in links {
            link.outbox.removeAll()
            link.resetChunks()
            link.account = TrialAccount()
            link.delivery = Delivery(problem: problem)
            link.arrivedBytes.removeAll()
        }
    }

    private func endTrial(
        start: UInt64,
        _ cpuBefore: (own: UInt64, workers: [UInt64?])
    ) throws(ClusterError) -> TrialReport {
        guard let trial else { preconditionFailure("no trial is under way") }
        self.trial = nil
        if let failure = trial.failure {
            throw ClusterError(.unfinished, "trial \(trial.number) cannot be finished: \(failure)")
        }
        let wall = trial.endNanoseconds - start
        let cpuAfter = cpuTimes()
        for (index, link) in links.enumerated() {
            link.account.ran(from: cpuBefore.workers[index], to: cpuAfter.workers[index])
        }
        return TrialReport(
            wallNanoseconds: wall,
            workers: links.map { $0.account.close(at: trial.endNanoseconds, wall: wall) },
            cpuNanoseconds: cpuAfter.own - cpuBefore.own,
            attempts: dispatcher.ledger.attemptCount,
            duplicates: dispatcher.ledger.duplicateCount,
            contradictions: trial.contradictions
        )
    }

    /// Handles what arrived while the loop did not run, before the clock starts.
    private func catchUp() throws(ClusterError) {
        perform(dispatcher.handle(.resumed, now: Self.now))
        var turns = 0
        repeat {
            do throws(ZeroMQError) {
                try poller.wait(.zero)
            } catch {
                throw ClusterError(.environment, "\(error)")
            }
            try takeArrived()
            turns += 1
        } while poller.events(of: socketItem).contains(.readable) && turns < 64
    }

    // MARK: Actions

    func perform(_ actions: [DispatcherAction]) {
        for action in actions {
            switch action {
            case .dispatch(let id, let task, let shard):
                dispatch(task, shard, to: links[id.rawValue])
            case .accept(let id, _):
                links[id.rawValue].account.accepted()
            case .duplicate, .stale, .suspected, .recovered:
                // The ledger and the fault list count it.
                break
            case .terminate(let id, let reason):
                links[id.rawValue].ending = reason
                retire(links[id.rawValue])
            case .trialFinished:
                trial?.endNanoseconds = Clock.nanoseconds
                trial?.isFinished = true
            case .trialFailed(_, let failure):
                trial?.failure = failure
            }
        }
    }

    private func dispatch(_ task: TaskIdentity, _ shard: Shard, to link: WorkerLink) {
        if let workload = workload?.workload {
            link.enqueue(pieces(for: shard, workload.plane, link), trial: task.trial)
            if workload.outputs == .shared {
                let packed = PackedShard(shard: shard, problem: workload.problem)
                link.sharedOutput?.expect(task, packed)
            }
        }
        link.account.dispatched(at: Clock.nanoseconds)
        link.outbox.append(
            .task(
                WorkerTask(
                    identity: task,
                    shard: shard,
                    precedingBytes: link.chunkBytesThisTrial
                )
            )
        )
    }

    /// The inputs that a worker lacks for a shard: all inputs, or only those of this trial alone.
    private func pieces(
        for shard: Shard,
        _ plane: PlaneName,
        _ link: WorkerLink
    ) -> [InputPiece] {
        guard let own = unsafe trial?.inputs, unsafe plane == .inline || !own.isEmpty
        else { return [] }
        let pieces = link.delivery?.takePieces(for: shard) ?? []
        return plane == .inline ? pieces : pieces.filter { unsafe own[$0.tensor] != nil }
    }
}
