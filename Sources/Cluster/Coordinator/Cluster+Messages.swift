import Attention
import Scheduling
import Timing
import Wire
import ZeroMQ

extension Cluster {
    /// Takes the message in `envelope`: counts and drops messages that are not of our protocol.
    func handleEnvelope() throws(ClusterError) {
        guard let peer = envelope.sender else { return }
        let message: IncomingMessage
        do throws(WireError) {
            message = try envelope.message(ofRun: run)
        } catch {
            refusals[error.reason, default: 0] += 1
            if case .version = error {
                // Another version gives the fields other meanings, but a refusal has the oldest
                // format.
                try sendSetUp(Refuse(reason: "\(error)"), to: peer)
            }
            return
        }
        if case .hello(let hello) = message.content {
            return try join(hello, from: peer)
        }
        guard let link = linkByPeer[peer], link.isLive else {
            // The sender is a retired worker or a stranger; we need nothing from either.
            return
        }
        link.account.received(Header.byteCount + envelope.payload.byteCount)
        switch message.content {
        case .output(let output):
            place(output, from: link)
        case .result(let result):
            take(result, from: link)
        case .chunkAcknowledgement(let acknowledgement):
            acknowledge(acknowledgement, from: link)
        case .heartbeat(let beat):
            perform(dispatcher.handle(.heartbeat(link.id, beat), now: Self.now))
        case .ready:
            if link.state == .preparing {
                if workload?.workload.outputs == .shared { try link.sharedOutput?.open() }
                link.state = .ready
            }
            perform(dispatcher.handle(.heard(link.id), now: Self.now))
        case .failed(let failed):
            handle(failed, from: link)
        case .bye(let bye):
            lose(link, .failed(bye.reason))
        case .hello, .welcome, .refuse, .workload, .task, .chunk:
            refusals[.kind, default: 0] += 1
        }
    }

    // MARK: Results

    private func place(_ output: OutputMessage, from link: WorkerLink) {
        let task = output.task
        perform(dispatcher.handle(.advanced(link.id), now: Self.now))
        guard trial != nil else { return }
        switch dispatcher.standing(of: task, from: link.id) {
        case .awaited, .duplicate: break
        // The result may be of a former workload, whose output travelled on another route.
        case .stale: return
        }
        guard workload?.workload.outputs == .messages else {
            return lose(link, .failed("sent output that was to stand in shared memory"))
        }
        link.arrivedBytes[task, default: 0] += output.payloadBytes
        let start = Clock.nanoseconds
        let placement = envelope.payload.withBytes { bytes in
            trial?.assembly.place(bytes, shard: task.shard, byteOffset: output.byteOffset)
        }
        link.account.merged(Clock.nanoseconds - start)
        switch placement {
        case .misfit:
            lose(link, .failed("sent output that fits no place of shard \(task.shard)"))
        case .contradicted:
            trial?.contradictions += 1
        case .placed, .repeated, nil:
            break
        }
    }

    private func take(_ result: ResultMessage, from link: WorkerLink) {
        let task = result.task
        let arrivedBytes = link.arrivedBytes.removeValue(forKey: task) ?? 0
        link.sharedOutput?.noteAnswer(to: task)
        switch dispatcher.standing(of: task, from: link.id) {
        case .awaited, .duplicate:
            let bytes = takeShared(task.shard, from: link) ?? arrivedBytes
            // The whole output must have arrived, each place once, before the result counts.
            guard let trial, bytes == trial.assembly.byteCount(ofShard: task.shard),
                trial.assembly.isComplete(task.shard)
            else {
                return lose(link, .failed("announced shard \(task.shard) without all of it"))
            }
            link.account.computed(
                result.computeNanoseconds,
                queued: result.queueNanoseconds,
                offCore: result.offCoreNanoseconds
            )
            link.account.answered(at: Clock.nanoseconds)
        case .stale:
            break
        }
        perform(dispatcher.handle(.resultCompleted(link.id, task), now: Self.now))
    }

    /// Copies a shard from the memory that the worker shares with us, and returns the number of
    /// bytes.
    ///
    /// Nil when its output comes as messages.
    private func takeShared(_ shard: Int, from link: WorkerLink) -> Int? {
        guard workload?.workload.outputs == .shared, let base = unsafe link.sharedOutput?.base
        else { return nil }
        let start = Clock.nanoseconds
        let placement = unsafe trial?.assembly.place(shard, from: base)
        link.account.merged(Clock.nanoseconds - start)
        if placement == .contradicted { trial?.contradictions += 1 }
        guard let bytes = trial?.assembly.byteCount(ofShard: shard) else { return nil }
        link.account.received(bytes)
        return bytes
    }

    private func acknowledge(_ message: ChunkAcknowledgement, from link: WorkerLink) {
        guard message.trial == chunkTrial, message.count <= link.sentChunks else { return }
        link.acknowledgedChunks = max(link.acknowledgedChunks, message.count)
        perform(dispatcher.handle(.advanced(link.id), now: Self.now))
    }

    private func handle(_ failed: Failed, from link: WorkerLink) {
        guard let task = failed.task else {
            return lose(link, .failed(failed.reason))
        }
        if case .stale = dispatcher.standing(of: task, from: link.id) {
            // The task's trial is over, so its account is closed.
        } else {
            link.account.answered(at: Clock.nanoseconds)
        }
        perform(
            dispatcher.handle(.taskRefused(link.id, task, reason: failed.reason), now: Self.now)
        )
    }
}
