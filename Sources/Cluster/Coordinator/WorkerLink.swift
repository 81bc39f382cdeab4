import Attention
import Scheduling
import Wire
import Work
import ZeroMQ

/// The coordinator's view of one worker: its process, its connection, and its outgoing messages.
///
/// A class, since the cluster looks it up by ordinal and by connection.
final class WorkerLink {
    enum State: Equatable {
        /// Started, but has sent nothing yet.
        case expected
        /// Welcomed, without a workload.
        case joined
        /// Making or receiving its inputs.
        case preparing
        case ready
        case gone
    }

    /// One message that waits to be sent.
    enum Outgoing {
        case chunk(ChunkMessage)
        case task(WorkerTask)
    }

    /// The most chunks in flight that the worker has not acknowledged.
    ///
    /// The window is small, so that a task or a shorter message never waits long behind tensors.
    static let chunkWindow = WireProtocol.maximumChunksInFlight

    let ordinal: Int
    let process: any LaunchedWorker
    let exitItem: Poller.Item
    /// The memory for the worker's output; nil in a cluster whose outputs are messages.
    let sharedOutput: SharedOutput?
    var state = State.expected
    var peer: RoutingID?
    /// The instruction sets that the worker's processor supports, as the worker reported.
    var instructionSets: [String] = []
    var outbox: [Outgoing] = []
    /// Chunks sent in the trial under way, and how many of them are acknowledged.
    var sentChunks: UInt64 = 0
    var acknowledgedChunks: UInt64 = 0
    /// Why the worker is gone.
    var ending: FaultReason?
    /// Chunk bytes queued for this worker in the trial under way.
    var chunkBytesThisTrial: UInt64 = 0
    var delivery: Delivery?
    var account = TrialAccount()
    /// The output bytes that have arrived so far for each unanswered task.
    var arrivedBytes: [TaskIdentity: Int] = [:]

    var id: WorkerID { WorkerID(ordinal) }
    var isLive: Bool { state != .gone }
    /// Whether the worker has ever joined.
    var hasJoined: Bool { peer != nil }

    init(
        ordinal: Int,
        process: any LaunchedWorker,
        exitItem: Poller.Item,
        sharedOutput: SharedOutput?
    ) {
        self.ordinal = ordinal
        self.process = process
        self.exitItem = exitItem
        self.sharedOutput = sharedOutput
    }

    /// Forgets earlier chunks, because a new trial or a new workload begins.
    func resetChunks() {
        sentChunks = 0
        acknowledgedChunks = 0
        chunkBytesThisTrial = 0
    }

    /// Queues input pieces, cut in chunks.
    func enqueue(_ pieces: [InputPiece], trial: Int) {
        for piece in pieces {
            var offset = piece.byteRange.lowerBound
            while offset < piece.byteRange.upperBound {
                let count = min(WireProtocol.maximumChunkBytes, piece.byteRange.upperBound - offset)
                outbox.append(
                    .chunk(
                        ChunkMessage(
                            trial: trial,
                            tensor: piece.tensor,
                            byteOffset: offset,
                            payloadBytes: count
                        )
                    )
                )
                offset += count
                chunkBytesThisTrial += UInt64(count)
            }
        }
    }
}
