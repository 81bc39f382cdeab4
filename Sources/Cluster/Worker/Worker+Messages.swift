import Attention
import Scheduling
import Timing
import Wire
import ZeroMQ

extension Worker {
    /// Takes the message in `envelope`; drops messages that are not of our protocol.
    func handleEnvelope() {
        let message: IncomingMessage
        do throws(WireError) {
            // A refusal may come from a run this worker was never let into.
            message = try envelope.message(ofRun: run == 0 ? nil : run)
        } catch {
            switch error {
            case .version where run == 0:
                // Later messages would be of that version, too.
                perform(machine.handle(.refused("\(error)"), now: Self.now))
            case .document(.workload, _), .field(.workload, _, _):
                // The coordinator waits for an answer: it may know patterns or values that we do not.
                fail(.workloadReceived(sliceCount: 0, queryLength: 0), "\(error)")
            default: break
            }
            return
        }
        switch message.content {
        case .task(let task):
            movedBytes &+= 1
            perform(machine.handle(.taskReceived(task), now: Self.now))
        case .chunk(let chunk):
            take(chunk)
        case .workload(let workload):
            load(workload)
        case .welcome(let welcome):
            run = message.header.run
            heartbeatInterval = .milliseconds(welcome.heartbeatMilliseconds)
            let limits = WorkerLimits(
                heartbeatInterval: heartbeatInterval,
                silenceLimit: .milliseconds(welcome.silenceLimitMilliseconds)
            )
            perform(machine.handle(.welcomed(limits), now: Self.now))
        case .refuse(let refuse):
            perform(machine.handle(.refused(refuse.reason), now: Self.now))
        case .bye(let bye):
            perform(machine.handle(.dismissed(bye.reason), now: Self.now))
        case .heartbeat, .chunkAcknowledgement:
            perform(machine.handle(.heard, now: Self.now))
        case .hello, .ready, .failed, .result, .output:
            break
        }
    }

    /// Puts a piece of input in its place and says so.
    private func take(_ chunk: ChunkMessage) {
        guard let tensors else { return }
        let isPlaced = envelope.payload.withBytes { bytes in
            guard holdsInputs, chunk.trial != 0 else {
                return tensors.place(bytes, tensor: chunk.tensor, byteOffset: chunk.byteOffset)
            }
            let inputs =
                trialInputs.flatMap { $0.trial == chunk.trial ? $0 : nil }
                ?? TrialInputs(tensors.problem, trial: chunk.trial)
            trialInputs = inputs
            return inputs.place(bytes, tensor: chunk.tensor, byteOffset: chunk.byteOffset)
        }
        guard isPlaced else { return }
        movedBytes &+= UInt64(chunk.payloadBytes)
        if takenChunks.trial != chunk.trial { takenChunks = (chunk.trial, 0) }
        takenChunks.count += 1
        let acknowledgement = ChunkAcknowledgement(trial: chunk.trial, count: takenChunks.count)
        outbox.insert(.header(acknowledgement.header(run: run)), at: 0)
        perform(
            machine.handle(
                .chunkReceived(trial: chunk.trial, bytes: UInt64(chunk.payloadBytes)),
                now: Self.now
            )
        )
        if chunk.trial == 0 {
            missingSetUpBytes -= chunk.payloadBytes
            prepareWhenComplete()
        }
    }

    /// Allocates a problem's tensors; inputs are made or received next.
    private func load(_ workload: Workload) {
        // All messages from the tensors before the last ones have been received long ago.
        retiredTensors = tensors
        tensors = nil
        trialInputs = nil
        holdsInputs = workload.generated != nil || workload.residentBytes > 0
        self.workload = nil
        forgetAnswers()
        missingSetUpBytes = workload.residentBytes
        takenChunks = (0, 0)
        let shape = workload.problem.shape
        let event = WorkerMachineEvent.workloadReceived(
            sliceCount: shape.sliceCount,
            queryLength: shape.queryLength
        )
        guard let kernel = AttentionKernel(workload.instructionSet) else {
            return fail(event, "this processor does not run \(workload.instructionSet.rawValue)")
        }
        var sharing: WorkerTensors.Sharing?
        if let offset = workload.sharedOutputOffset {
            let end = offset + workload.problem.byteCount(of: .output)
            guard let descriptor = options.sharedOutput,
                System.byteCount(of: descriptor).map({ $0 >= end }) == true
            else {
                return fail(
                    event,
                    "this worker was not given so much memory to share: \(end) bytes"
                )
            }
            sharing = WorkerTensors.Sharing(descriptor: descriptor, offset: offset)
        }
        do throws(AttentionError) {
            let tensors = try WorkerTensors(workload.problem, sharing: sharing)
            self.tensors = tensors
            self.workload = ComputeWorkload(
                tensors: tensors,
                kernel: kernel,
                generated: workload.generated.map { ($0.values, $0.seed) }
            )
        } catch {
            return fail(event, "\(error)")
        }
        perform(machine.handle(event, now: Self.now))
    }

    /// Drops waiting messages of former trials: they refer to the former tensors, and nobody needs
    /// them any more.
    private func forgetAnswers() {
        outbox.removeAll {
            if case .setUp = $0 { false } else { true }
        }
        shardTimes.removeAll()
        streamedChunks.removeAll()
    }

    private func fail(_ event: WorkerMachineEvent, _ reason: String) {
        missingSetUpBytes = 1
        perform(machine.handle(event, now: Self.now))
        perform(machine.handle(.preparationFailed(reason), now: Self.now))
    }
}
