import Attention
import Glibc
import Scheduling
import Timing
import Wire
import Work
import ZeroMQ

extension Worker {
    func perform(_ actions: [WorkerMachineAction]) {
        for action in actions {
            switch action {
            case .sendHello:
                sendSetUp(hello)
            case .prepare:
                prepareWhenComplete()
            case .sendReady:
                outbox.append(.header(Header(kind: .ready, run: run)))
            case .sendFailed(let reason):
                sendSetUp(Failed(reason: reason))
            case .startCompute(let task):
                start(task)
            case .sendOutput(let task):
                enqueueOutput(of: task)
            case .sendResult(let task):
                enqueueResult(of: task)
            case .sendHeartbeat(let beat):
                enqueue(beat)
            case .refuseTask(let task, let refusal):
                refuse(task, refusal)
            case .exit(let reason):
                exit = reason
            }
        }
    }

    private var hello: Hello {
        Hello(
            token: options.token,
            rank: options.rank,
            credit: options.credit,
            instructionSets: InstructionSet.available
        )
    }

    // MARK: Computing

    private func start(_ task: WorkerTask) {
        if let trial = trialInputs?.trial, trial < task.identity.trial { trialInputs = nil }
        compute.submit(
            .shard(
                ShardJob(
                    task: task,
                    inputs: trialInputs?.trial == task.identity.trial ? trialInputs : nil,
                    arrivalNanoseconds: Clock.nanoseconds
                )
            )
        )
    }

    /// Prepares the workload once everything it needs from the coordinator is here.
    func prepareWhenComplete() {
        guard missingSetUpBytes == 0, machine.state == .preparing, let workload else { return }
        self.workload = nil
        compute.submit(.prepare(workload))
    }

    // MARK: Sending

    private func packed(_ task: WorkerTask) -> PackedShard? {
        tensors.map { PackedShard(shard: task.shard, problem: $0.problem) }
    }

    private func enqueueOutput(of task: WorkerTask) {
        guard let packed = packed(task) else { return }
        if tensors?.sharesOutput != true {
            enqueueOutput(of: task.identity, packed, upTo: packed.chunkCount)
            streamedChunks[task.identity] = nil
        }
        outbox.append(.drained(task.identity))
    }

    /// Queues the final part of a shard's output while the rest is still computed.
    ///
    /// The part is sent now, while the cache still holds it and the compute threads are busy
    /// anyway.
    func enqueueOutput(_ partial: PartialOutput) {
        let task = partial.job.identity
        // If the trial is over, nobody needs the rest.
        guard let tensors, machine.heldTasks.contains(task) else { return }
        if let (known, _) = streamedChunks.first, known.trial != task.trial {
            streamedChunks.removeAll(keepingCapacity: true)
        }
        let packed = PackedShard(shard: partial.job.shard, problem: tensors.problem)
        enqueueOutput(of: task, packed, upTo: partial.byteCount / PackedShard.chunkBytes)
    }

    private func enqueueOutput(of task: TaskIdentity, _ packed: PackedShard, upTo end: Int) {
        let first = streamedChunks[task] ?? 0
        guard first < end else { return }
        streamedChunks[task] = end
        for index in first..<end {
            let range = packed.chunk(index)
            let message = OutputMessage(
                task: task,
                byteOffset: range.lowerBound,
                payloadBytes: range.count
            )
            outbox.append(.output(message, packed))
        }
    }

    private func enqueueResult(of task: WorkerTask) {
        let times = shardTimes.removeValue(forKey: task.identity)
        let result = ResultMessage(
            task: task.identity,
            computeNanoseconds: times?.computeNanoseconds ?? 0,
            queueNanoseconds: times?.queueNanoseconds ?? 0,
            offCoreNanoseconds: times?.offCoreNanoseconds ?? 0
        )
        // The last part of its output has just been sent, so its result goes before the output of
        // later tasks.
        outbox.insert(.header(result.header(run: run)), at: 0)
    }

    private func enqueue(_ beat: Heartbeat) {
        let header = beat.header(run: run)
        if case .header(let first) = outbox.first, first.kind == .heartbeat {
            // Nobody reads at the moment, so the newest beat replaces the older one.
            outbox[0] = .header(header)
        } else {
            // The beat goes before waiting output, because it must not wait for it.
            outbox.insert(.header(header), at: 0)
        }
    }

    private func refuse(_ task: TaskIdentity, _ refusal: TaskRefusal) {
        sendSetUp(Failed(reason: "\(refusal)", task: task))
    }

    func sendSetUp<Body: SetupMessage>(_ body: Body) {
        do throws(WireError) {
            let json = try body.payload()
            outbox.append(.setUp(Body.header(run: run, payloadBytes: json.count), json))
        } catch {
            preconditionFailure("a set-up message is plain JSON: \(error)")
        }
    }

    /// Gives the socket as many messages as it takes; the rest wait.
    func flush() throws(ZeroMQError) {
        while let next = outbox.first {
            let outcome: SendOutcome
            switch next {
            case .header(let header):
                outcome = try socket.send(header: header.bytes.span)
            case .setUp(let header, let json):
                var payload: Message? = try Message(copying: json.span)
                outcome = try socket.send(header: header.bytes.span, payload: &payload)
            case .output(let message, let packed):
                var payload: Message? = try outputMessage(message, packed)
                let header = message.header(run: run).bytes
                outcome = try socket.send(header: header.span, payload: &payload)
                if outcome == .sent { movedBytes &+= UInt64(message.payloadBytes) }
            case .drained:
                outcome = .sent
            }
            guard outcome == .sent else { return }
            outbox.removeFirst()
            if case .drained(let task) = next {
                perform(machine.handle(.outputDrained(task), now: Self.now))
            }
        }
    }

    /// A message that refers to the output in place, or a copy if the chunk is not contiguous
    /// there.
    private func outputMessage(
        _ message: OutputMessage,
        _ packed: PackedShard
    ) throws(ZeroMQError) -> Message {
        guard let tensors else { preconditionFailure("output without a workload") }
        let range = message.byteOffset..<message.byteOffset + message.payloadBytes
        var pieces: [Range<Int>] = []
        packed.forEachPiece(of: range) { piece, tensorOffset in
            pieces.append(tensorOffset..<tensorOffset + piece.count)
        }
        if pieces.count == 1 {
            return unsafe Message(borrowing: tensors.outputBytes(pieces[0]))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for piece in pieces { unsafe bytes.append(contentsOf: tensors.outputBytes(piece)) }
        return try Message(copying: bytes.span)
    }
}
