import Platform
import Wire
import Work
import ZeroMQ

/// The messages of a worker that wait until the socket takes them.
struct WorkerOutbox {
    private enum Outgoing {
        case header(Header)
        /// A result with what was done for it, if that is wanted.
        case result(ResultMessage, [UInt8])
        case setUp(Header, [UInt8])
        case echo(Echo)
        /// One chunk of a task's output. Indirect, since it is large, and the others are many.
        indirect case output(OutputMessage, PackedShard, WorkerTensors)
        /// Marks that all the output of a task is on its way.
        case drained(TaskIdentity)
    }

    /// The run that every header names; 0 before the coordinator has said it.
    var run: UInt64 = 0
    private var waiting: [Outgoing] = []
    /// The number of chunks already queued of shards that are still being computed.
    private var streamedChunks: [TaskIdentity: Int] = [:]
    /// The bytes of output that were sent.
    private(set) var sentBytes: UInt64 = 0

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append<Body: SetupMessage>(_ body: Body) {
        do throws(WireError) {
            let json = try body.payload()
            waiting.append(.setUp(Body.header(run: run, payloadBytes: json.count), json))
        } catch {
            preconditionFailure("a set-up message must be plain JSON: \(error)")
        }
    }

    mutating func append(_ header: Header) { waiting.append(.header(header)) }

    mutating func append(_ echo: Echo) { waiting.append(.echo(echo)) }

    /// Puts a short message before waiting output, because it must not wait for it.
    mutating func putFirst(_ header: Header) {
        if header.kind == .heartbeat, case .header(let first) = waiting.first,
            first.kind == .heartbeat
        {
            // Nobody reads at the moment, so the newest beat replaces the older one.
            waiting[0] = .header(header)
        } else {
            waiting.insert(.header(header), at: 0)
        }
    }

    /// Puts a result before waiting output of later tasks, with what was done meanwhile if that is wanted.
    mutating func putFirst(_ result: ResultMessage, _ log: ActivityLog?) {
        let payload = log?.payload ?? []
        var result = result
        result.activityBytes = payload.count
        waiting.insert(.result(result, payload), at: 0)
    }

    /// Queues the output of a task that is not queued yet, and the mark after it; false if none is sent.
    mutating func appendOutput(of task: WorkerTask, in tensors: WorkerTensors) -> Bool {
        let packed = PackedShard(task.shard, in: tensors.layout)
        let count = tensors.sentChunkCount(of: packed)
        guard count > 0 else { return false }
        append(task.identity, packed, tensors, upTo: count)
        streamedChunks[task.identity] = nil
        waiting.append(.drained(task.identity))
        return true
    }

    /// Queues the final part of a shard's output while the rest is still computed.
    ///
    /// The part is sent now, while the cache still holds it and the compute threads are busy
    /// anyway.
    mutating func append(_ partial: PartialOutput, in tensors: WorkerTensors) {
        let task = partial.job.identity
        if let (known, _) = streamedChunks.first, known.trial != task.trial {
            streamedChunks.removeAll(keepingCapacity: true)
        }
        let packed = PackedShard(partial.job.shard, in: tensors.layout)
        append(task, packed, tensors, upTo: partial.byteCount / PackedShard.chunkBytes)
    }

    private mutating func append(
        _ task: TaskIdentity,
        _ packed: PackedShard,
        _ tensors: WorkerTensors,
        upTo end: Int
    ) {
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
            waiting.append(.output(message, packed, tensors))
        }
    }

    /// Drops waiting messages of former trials: nobody needs them any more.
    mutating func forgetAnswers() {
        waiting.removeAll {
            if case .setUp = $0 { false } else { true }
        }
        streamedChunks.removeAll()
    }

    /// Gives the socket as many messages as it takes; stops early after the last output of a task,
    /// which it returns.
    ///
    /// The output that is sent is noted in `log` if there is one.
    mutating func send(
        through socket: borrowing Socket,
        _ log: inout ActivityLog?
    ) throws(ZeroMQError) -> TaskIdentity? {
        while let next = waiting.first {
            let begin = log == nil ? 0 : Clock.nanoseconds
            let header: Header
            var payload: Message?
            var sentCount = 1
            switch next {
            case .drained(let task):
                waiting.removeFirst()
                return task
            case .result(let result, let bytes) where bytes.isEmpty:
                // If the output of the next task is on its way, too, both results are sent as one.
                if waiting.count > 1, case .drained(let task) = waiting[1] {
                    waiting.remove(at: 1)
                    return task
                }
                if nextIsResult {
                    let batch = Batch(resultsTogether)
                    sentCount = batch.elements.count
                    header = batch.header(run: run)
                    payload = try Message(copying: batch.payload(run: run).span)
                } else {
                    header = result.header(run: run)
                }
            case .result(let result, let bytes):
                header = result.header(run: run)
                payload = try Message(copying: bytes.span)
            case .header(let sent): header = sent
            case .setUp(let sent, let bytes):
                header = sent
                payload = try Message(copying: bytes.span)
            case .echo(let echo):
                header = echo.header(run: run)
                payload = ProbePayload.message(byteCount: echo.payloadBytes)
            case .output(let message, let packed, let tensors):
                header = message.header(run: run)
                payload = try tensors.message(message, packed)
            }
            let encoded = header.encoded
            guard case .sent = try socket.send(header: encoded.span, payload: &payload)
            else { return nil }
            if case .output(let message, _, _) = next {
                sentBytes &+= header.payloadBytes
                log?.append(
                    Activity(
                        .send,
                        of: message.task,
                        from: begin,
                        to: Clock.nanoseconds,
                        byteCount: message.payloadBytes
                    )
                )
            }
            waiting.removeFirst(sentCount)
        }
        return nil
    }

    /// Whether the second message is a result that may be sent with the first.
    private var nextIsResult: Bool {
        guard waiting.count > 1, case .result(_, let bytes) = waiting[1] else { return false }
        return bytes.isEmpty
    }

    /// The results at the front that are sent as one.
    private var resultsTogether: [ResultMessage] {
        var results: [ResultMessage] = []
        for next in waiting.prefix(WireProtocol.mostInBatch) {
            guard case .result(let result, let bytes) = next, bytes.isEmpty else { break }
            results.append(result)
        }
        return results
    }
}
