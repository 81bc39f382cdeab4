import Work

extension Dispatcher {
    mutating func startTrial(_ number: Int, _ plan: ShardPlan, _ wedgedAfter: Duration) {
        precondition(trial == nil, "one trial must end before the next starts")
        precondition(
            number > ledger.trial,
            "trial numbers must grow, to tell old results from new ones"
        )
        trial = RunningTrial(number: number, plan: plan, wedgedAfter: wedgedAfter)
        ledger = Ledger(trial: number, shardCount: plan.shards.count)
        for place in workers.indices { workers[place].refusalsInARow = 0 }
    }

    /// Ends the trial if it is over; otherwise hands out all tasks that can be handed out.
    ///
    /// If a worker has answered, and nothing else has happened, `answering` is its place.
    mutating func settle(after answering: Int?) {
        // The trial itself is not copied: this follows each message.
        guard let number = trial?.number else { return }
        if ledger.isComplete {
            precondition(ledger.isSound, "every shard must have exactly one result")
            end(.trialFinished(number))
        } else if let failure = trial?.failure {
            end(.trialFailed(number, failure))
        } else if workers.allSatisfy(\.isGone) {
            let reason = lastLoss.map { "(\($0.worker)) \($0.reason)" }
            end(.trialFailed(number, .noWorkers(lastReason: reason)))
        } else {
            dispatchAll(after: answering)
        }
    }

    private mutating func end(_ action: DispatcherAction) {
        for place in workers.indices {
            for task in workers[place].outstanding {
                ledger.close(task, .unfinished)
            }
            workers[place].outstanding.removeAll(keepingCapacity: true)
        }
        trial = nil
        actions.append(action)
    }

    // MARK: Results

    mutating func complete(_ task: TaskIdentity, from id: WorkerID) {
        let standing = standing(of: task, from: id)
        if case .stale(let reason) = standing {
            actions.append(.stale(id, task, reason))
            if let place = places[id], !workers[place].isGone { noteHeard(place) }
            return
        }
        guard let place = places[id] else { return }
        // Messages of a lost worker may still arrive: a result that it sent in full is valid.
        if !workers[place].isGone {
            noteAdvance(place)
            workers[place].refusalsInARow = 0
            workers[place].outstanding.removeAll { $0 == task }
        }
        let isFirst = standing == .awaited
        ledger.close(task, isFirst ? .accepted : .duplicate)
        actions.append(isFirst ? .accept(id, task) : .duplicate(id, task))
        guard isFirst, let step = trial?.noteAccepted(task.shard) else { return }
        actions.append(.stepFinished(step))
    }

    mutating func refuse(_ task: TaskIdentity, at place: Int, reason: String) {
        noteHeard(place)
        guard let index = workers[place].outstanding.firstIndex(of: task) else { return }
        workers[place].outstanding.remove(at: index)
        workers[place].refusalsInARow += 1
        ledger.close(task, .refused(reason))
        faults.append(
            FaultRecord(
                worker: workers[place].id,
                ordinal: workers[place].ordinal,
                trial: task.trial,
                shards: [task.shard],
                reason: .refusedTask(reason),
                isLoss: false,
                time: now,
                delay: .zero
            )
        )
        giveAgain(task.shard)
        let refusals = workers[place].refusalsInARow
        guard refusals >= limits.maximumAttempts else { return }
        // The worker would continue to refuse all remaining tasks as fast as they are sent.
        let cause = "refused \(refusals) tasks in a row, the last because \(reason)"
        terminate(place, .failed(cause))
    }

    /// Makes a shard available again after an attempt failed or became doubtful.
    mutating func giveAgain(_ shard: Int) {
        let entry = ledger.entries[shard]
        guard trial != nil, entry.acceptedAttempt == nil else { return }
        let reasons = entry.failureReasons
        if reasons.count < limits.maximumAttempts {
            trial?.again.append(shard)
        } else if !entry.attempts.contains(where: { $0.outcome == .outstanding }) {
            trial?.failure = .shardExhausted(
                shard: shard,
                attempts: reasons.count,
                reasons: reasons
            )
        }
    }

    // MARK: Dispatch

    /// One task at a time to the worker with the fewest, so that the large first shards spread out.
    ///
    /// Hundreds of workers are not looked at for each answer of one.
    private mutating func dispatchAll(after answering: Int?) {
        let only = isSaturated ? answering : nil
        isSaturated = false
        guard trial?.hasUndispatched == true else { return }
        if only == nil { for place in workers.indices { workers[place].hasNothingToDo = false } }
        var present: Set<Int>?
        var isEachBusy = true
        while trial?.hasUndispatched == true {
            guard let place = leastBusyPlace(only) else {
                isSaturated = isEachBusy
                return
            }
            guard let shard = takeShard(for: place, &present) else {
                workers[place].hasNothingToDo = true
                isEachBusy = false
                continue
            }
            dispatch(shard, to: place)
        }
    }

    /// The place of the worker with the fewest tasks that takes one, or `only` if that does.
    private func leastBusyPlace(_ only: Int?) -> Int? {
        if let only { return workers[only].takesTasks ? only : nil }
        var best: (place: Int, held: Int)?
        // By place: a copy of each worker would take longer than all that is asked of it.
        for place in workers.indices where workers[place].takesTasks {
            let held = workers[place].outstanding.count
            if held < best?.held ?? .max { best = (place, held) }
        }
        return best?.place
    }

    /// `present` are the ordinals of the healthy workers, once somebody has asked for them.
    private mutating func takeShard(for place: Int, _ present: inout Set<Int>?) -> Int? {
        if let again = trial?.again, !again.isEmpty {
            let needed = again.filter { needsDispatch($0) }
            trial?.again = needed
            if let index = needed.firstIndex(where: { mayTake($0, place) }) {
                return trial?.again.remove(at: index)
            }
        }
        let workers = workers
        return trial?.takeFresh(ordinal: workers[place].ordinal) { ordinal in
            let known = present ?? Set(workers.lazy.filter(\.isHealthy).map(\.ordinal))
            present = known
            return known.contains(ordinal)
        }
    }

    private mutating func dispatch(_ shard: Int, to place: Int) {
        guard let trialNumber = trial?.number, let cut = trial?.plan.shards[shard] else { return }
        if workers[place].outstanding.isEmpty { workers[place].lastAdvanceTime = now }
        let id = workers[place].id
        ledger.entries[shard].attempts.append(
            Ledger.Attempt(worker: id, outcome: .outstanding)
        )
        let number = ledger.entries[shard].attempts.count
        let task = TaskIdentity(trial: trialNumber, shard: shard, attempt: number)
        workers[place].take(task)
        actions.append(.dispatch(id, task, cut))
    }

    /// Whether no healthy worker holds the shard.
    private func needsDispatch(_ shard: Int) -> Bool {
        let entry = ledger.entries[shard]
        guard entry.acceptedAttempt == nil, entry.failureReasons.count < limits.maximumAttempts
        else { return false }
        return !entry.attempts.contains { attempt in
            attempt.outcome == .outstanding
                && places[attempt.worker].map { workers[$0].isHealthy } == true
        }
    }

    /// A shard goes back to a worker that refused it only if all healthy workers have refused it.
    private func mayTake(_ shard: Int, _ place: Int) -> Bool {
        let refusers = ledger.entries[shard].attempts.compactMap { attempt in
            if case .refused = attempt.outcome { attempt.worker } else { nil }
        }
        guard refusers.contains(workers[place].id) else { return true }
        return workers.allSatisfy { !$0.isHealthy || refusers.contains($0.id) }
    }
}
