import Attention
import Scheduling
import Wire
import Work
import ZeroMQ

/// The coordinator's end of one worker: its process, its connection, and what waits to be sent.
///
/// A class, since the cluster looks it up by ordinal and by connection.
final class WorkerLink {
    enum State: Equatable {
        /// Started, not yet heard of.
        case expected
        /// Welcomed, without a workload.
        case joined
        /// Making or receiving its inputs.
        case preparing
        case ready
        case gone
    }

    /// One message that waits for its turn.
    enum Outgoing {
        case chunk(ChunkMessage)
        case task(WorkerTask)
    }

    /// Chunks on their way to a worker that it has not acknowledged: few, so that a task or a
    /// shorter message never waits long behind tensors.
    static let chunkWindow = WireProtocol.maximumChunksInFlight

    let ordinal: Int
    let process: any LaunchedWorker
    let exitItem: Poller.Item
    /// Nil in a cluster whose outputs are messages.
    let sharedOutput: SharedOutput?
    var state = State.expected
    var peer: RoutingID?
    /// What it said that its processor runs.
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
    /// The output bytes that have arrived of each task that is not answered yet.
    var arrivedBytes: [TaskIdentity: Int] = [:]

    var id: WorkerID { WorkerID(ordinal) }
    var isLive: Bool { state != .gone }
    /// Whether it has ever been let in.
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

    /// Forgets what was sent before: a new trial, or a new workload, begins.
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
