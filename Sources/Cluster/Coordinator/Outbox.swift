import Platform
import Wire
import Work
import ZeroMQ

/// The messages of one trial that wait for one worker: its tasks, each after the inputs that the
/// worker lacks for it.
struct Outbox {
    private enum Outgoing {
        case chunk(ChunkMessage)
        case task(WorkerTask)
    }

    /// How far sending came.
    enum Progress {
        /// What is left must wait until the worker has taken something.
        case done
        /// Copying took its time; the other workers come first now.
        case yielding
        case peerIsGone
    }

    /// 0 before any trial.
    private let trial: Int
    private let inputs: LoadedInputs
    private let plane: any InputPlane
    /// What is sent to this worker.
    private let delivery: Delivery
    /// What is copied for all workers.
    private let copies: Delivery?
    private var waiting: [Outgoing] = []
    /// Whether tasks that wait together may be sent as one message.
    var sendsTogether = false
    /// Chunks sent, and how many of them are acknowledged.
    private var sentChunks: UInt64 = 0
    private var acknowledgedChunks: UInt64 = 0
    /// Chunk bytes queued so far.
    private var chunkBytes: UInt64 = 0

    init(
        ofTrial trial: Int,
        _ inputs: LoadedInputs,
        _ plane: any InputPlane,
        _ delivery: Delivery,
        copies: Delivery? = nil
    ) {
        self.trial = trial
        self.inputs = inputs
        self.plane = plane
        self.delivery = delivery
        self.copies = copies
    }

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ task: TaskIdentity, _ shard: Shard) {
        for piece in delivery.takePieces(for: shard) { append(piece) }
        waiting.append(
            .task(WorkerTask(identity: task, shard: shard, precedingBytes: chunkBytes))
        )
    }

    /// Queues a piece of input, cut in chunks.
    mutating func append(_ piece: InputPiece) {
        let (range, most) = (piece.byteRange, WireProtocol.maximumChunkBytes)
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: most) {
            let chunk = ChunkMessage(
                trial: trial,
                tensor: piece.tensor,
                byteOffset: offset,
                payloadBytes: min(most, range.upperBound - offset)
            )
            waiting.append(.chunk(chunk))
        }
        chunkBytes += UInt64(range.count)
    }

    /// Notes that chunks have arrived; false for chunks of another trial, or never sent.
    mutating func acknowledge(_ message: ChunkAcknowledgement) -> Bool {
        guard message.trial == trial, message.count <= sentChunks else { return false }
        acknowledgedChunks = max(acknowledgedChunks, message.count)
        return true
    }

    /// Sends what may be sent now.
    ///
    /// Few chunks are in flight unacknowledged, so that a task or a shorter message never waits
    /// long behind tensors.
    mutating func send(
        through socket: borrowing CoordinatorSocket,
        to peer: RoutingID,
        _ account: inout TrialAccount
    ) throws(RunError) -> Progress {
        var sent = 0
        defer { waiting.removeFirst(sent) }
        while sent < waiting.count {
            let header: Header
            var payload: Message?
            var sentTask: TaskIdentity?
            var hasCopied = false
            var begin = account.tracedMoment
            var sentCount = 1
            switch waiting[sent] {
            case .task where nextIsTask(after: sent):
                let together = tasksTogether(from: sent)
                let batch = Batch(together)
                header = batch.header(run: socket.run)
                payload = try RunError.environment { () throws(ZeroMQError) in
                    try Message(copying: batch.payload(run: socket.run).span)
                }
                sentCount = together.count
            case .task(let task):
                hasCopied = copyInputs(of: task.shard, &account)
                if hasCopied { begin = account.tracedMoment }
                sentTask = task.identity
                header = task.header(run: socket.run)
            case .chunk(let chunk):
                guard sentChunks - acknowledgedChunks < WireProtocol.maximumChunksInFlight
                else { return .done }
                header = chunk.header(run: socket.run)
                payload = try self.payload(of: chunk)
            }
            switch try socket.send(header, payload: &payload, to: peer) {
            case .sent: break
            case .wouldBlock: return .done
            case .unreachable: return .peerIsGone
            }
            let payloadBytes = Int(header.payloadBytes)
            account.did(.send, of: sentTask, since: begin, byteCount: payloadBytes)
            if header.kind == .chunk {
                sentChunks += 1
                account.trace?.sentChunk(byteCount: payloadBytes, at: Clock.nanoseconds)
            }
            account.sent(Header.byteCount + payloadBytes)
            sent += sentCount
            if hasCopied { return .yielding }
        }
        return .done
    }

    /// Whether the next message is a task that may be sent with the one at a place.
    private func nextIsTask(after index: Int) -> Bool {
        guard sendsTogether, copies == nil, index + 1 < waiting.count else { return false }
        return if case .task = waiting[index + 1] { true } else { false }
    }

    /// The tasks from a place on that may be sent as one message.
    private func tasksTogether(from first: Int) -> [WorkerTask] {
        var tasks: [WorkerTask] = []
        for next in waiting[first...].prefix(WireProtocol.mostInBatch) {
            guard case .task(let task) = next else { break }
            tasks.append(task)
        }
        return tasks
    }

    /// Copies what no worker was given yet to where all find it; says whether there was anything.
    ///
    /// Right before the task is sent, so that no other task that reads the same is sent earlier.
    private func copyInputs(of shard: Shard, _ account: inout TrialAccount) -> Bool {
        let pieces = copies?.takePieces(for: shard) ?? []
        for piece in pieces {
            let begin = account.tracedMoment
            plane.copy(piece, of: inputs)
            account.copied(piece.byteRange.count)
            account.did(.copy, since: begin, byteCount: piece.byteRange.count)
        }
        return !pieces.isEmpty
    }

    private func payload(of chunk: ChunkMessage) throws(RunError) -> Message? {
        guard let tensor = unsafe inputs.bytes[chunk.tensor] else { return nil }
        let range = chunk.byteOffset..<chunk.byteOffset + chunk.payloadBytes
        return try RunError.environment { () throws(ZeroMQError) in
            try unsafe plane.payload(UnsafeRawBufferPointer(rebasing: tensor[range]))
        }
    }
}
