import Work

extension Dispatcher {
    /// Moves the clock and returns the time since the last event.
    ///
    /// While the coordinator itself was away (stopped, swapped out, checking numbers), it could
    /// receive nothing. So this time is subtracted from every silence.
    mutating func advanceClock(to time: Duration) -> Duration {
        precondition(time >= now, "time must not run backwards")
        let gap = time - now
        now = time
        guard gap > limits.tickInterval + limits.tickInterval else { return gap }
        for place in workers.indices {
            forgive(place, gap)
            postponeJudgement(place)
        }
        return .zero
    }

    private mutating func forgive(_ place: Int, _ gap: Duration) {
        workers[place].lastHeardTime += gap
        workers[place].lastAdvanceTime += gap
    }

    /// Messages from the pause may still be unread, so workers are not judged at once.
    private mutating func postponeJudgement(_ place: Int) {
        let grace = limits.tickInterval * 2
        let limit = workers[place].isSuspect ? limits.deadAfter : limits.suspectAfter
        let wedgeLimit = trial?.wedgedAfter ?? limits.wedgedAfter
        let earliestHeard = now - max(.zero, limit - grace)
        let earliestAdvance = now - max(.zero, wedgeLimit - grace)
        workers[place].lastHeardTime = max(workers[place].lastHeardTime, earliestHeard)
        workers[place].lastAdvanceTime = max(workers[place].lastAdvanceTime, earliestAdvance)
    }

    /// Restarts every silence, except those of suspect workers: these add up over the trials.
    mutating func resume(after gap: Duration) {
        for place in workers.indices where !workers[place].isGone {
            if workers[place].isSuspect {
                forgive(place, gap)
            } else {
                workers[place].lastHeardTime = now
                workers[place].lastAdvanceTime = now
            }
        }
    }

    mutating func noteHeard(_ place: Int) {
        workers[place].lastHeardTime = now
        guard workers[place].isSuspect else { return }
        workers[place].isSuspect = false
        // A stopped process had no chance to advance.
        workers[place].lastAdvanceTime = now
        workers[place].openFault = nil
        actions.append(.recovered(workers[place].id))
    }

    mutating func noteAdvance(_ place: Int) {
        noteHeard(place)
        workers[place].lastAdvanceTime = now
    }

    mutating func noteHeartbeat(_ place: Int, _ report: Heartbeat) {
        noteHeard(place)
        if workers[place].lastReport?.progress != report.progress {
            workers[place].lastAdvanceTime = now
        }
        workers[place].lastReport = report
    }

    mutating func checkLimits() {
        for place in workers.indices where !workers[place].isGone {
            let worker = workers[place]
            let silence = now - worker.lastHeardTime
            let standstill = now - worker.lastAdvanceTime
            if silence >= limits.deadAfter {
                terminate(place, .silent(silence))
            } else if silence >= limits.suspectAfter {
                if !worker.isSuspect { suspect(place, silence) }
            } else if let trial, !worker.outstanding.isEmpty, standstill >= trial.wedgedAfter {
                let computing = worker.lastReport.flatMap { $0.isComputing ? $0.task : nil }
                terminate(place, .wedged(standstill, shard: computing?.shard))
            }
        }
    }

    private mutating func suspect(_ place: Int, _ silence: Duration) {
        workers[place].isSuspect = true
        recordFault(place, .silent(silence), isLoss: false)
        actions.append(.suspected(workers[place].id))
        for task in workers[place].outstanding { giveAgain(task.shard) }
    }

    mutating func terminate(_ place: Int, _ reason: FaultReason) {
        workers[place].isTerminated = true
        actions.append(.terminate(workers[place].id, reason))
        lose(place, reason)
    }

    /// Handles a loss that the loop reports.
    ///
    /// The end of a worker that we terminated is our own doing, so it is not a new fault.
    mutating func loseReported(_ id: WorkerID, _ reason: FaultReason) {
        guard let place = places[id], !workers[place].isTerminated else { return }
        guard workers[place].isGone else { return lose(place, reason) }
        guard let fault = workers[place].openFault, faults[fault].reason.isSymptom,
            !reason.isSymptom
        else { return }
        faults[fault].reason = reason
    }

    /// Records a worker that never joined; its loss is all that is known of it.
    mutating func miss(_ id: WorkerID, ordinal: Int, _ reason: FaultReason) {
        join(id, ordinal: ordinal, credit: 1)
        lose(workers.count - 1, .unjoined(reason))
    }

    private mutating func lose(_ place: Int, _ reason: FaultReason) {
        workers[place].isGone = true
        recordFault(place, reason, isLoss: true)
        let tasks = workers[place].outstanding
        workers[place].outstanding = []
        for task in tasks { ledger.close(task, .lost(reason)) }
        for task in tasks { giveAgain(task.shard) }
    }

    /// Opens a record, or turns the worker's existing suspicion into its loss.
    private mutating func recordFault(_ place: Int, _ reason: FaultReason, isLoss: Bool) {
        let worker = workers[place]
        let shards = Set(worker.outstanding.map(\.shard))
        guard let fault = worker.openFault else {
            workers[place].openFault = faults.count
            faults.append(
                FaultRecord(
                    worker: worker.id,
                    ordinal: worker.ordinal,
                    trial: trial?.number,
                    shards: shards.sorted(),
                    reason: reason,
                    isLoss: isLoss,
                    time: now,
                    delay: reason.isUnjoined ? nil : now - worker.lastHeardTime
                )
            )
            return
        }
        faults[fault].isLoss = isLoss
        faults[fault].shards = shards.union(faults[fault].shards).sorted()
        // The silence says more than the broken connection that follows it.
        if reason != .disconnected { faults[fault].reason = reason }
    }
}
