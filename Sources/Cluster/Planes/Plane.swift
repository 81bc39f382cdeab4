import Attention
import Platform
import Wire
import Work
import ZeroMQ

/// The coordinator's end of a way in which tensors travel.
protocol Plane {
    /// The memory that workers inherit; nil for none.
    var memory: InheritedMemory? { get }
}

/// How inputs reach the workers of a cluster; lengths and the mask are inputs, too.
protocol InputPlane: Plane {
    /// Says in `message` what workers make or find themselves; returns the tensors that are sent
    /// before the clock starts, in this order.
    func load(
        _ inputs: LoadedInputs,
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) throws(RunError) -> [TensorName]
    /// The tensors whose parts travel with the tasks that need them, when those of `replaced` have
    /// other values in this trial alone.
    func tensorsWithTasks(replaced: Set<TensorName>) -> Set<TensorName>
    /// The tensors that are copied, once in a trial, to where all workers find them, and not sent.
    var copiedTensors: Set<TensorName> { get }
    /// Copies a piece of such a tensor.
    func copy(_ piece: InputPiece, of inputs: LoadedInputs)
    /// The payload of a CHUNK.
    @unsafe
    func payload(_ bytes: UnsafeRawBufferPointer) throws(ZeroMQError) -> Message
}

/// How the output of one worker comes back: its place in the coordinator.
///
/// A class, since it follows one worker from workload to workload.
protocol OutputPlane: Plane, AnyObject {
    /// Says in `message` where the worker's output is to appear.
    func load(_ problem: AttentionProblem, _ message: inout Workload) throws(RunError)
    /// Notes that the worker has made ready for the workload.
    func open() throws(RunError)
    /// Prepares for a trial, before the clock starts.
    func prepareTrial()
    /// Whether the worker may still write output where that of a later trial is to stand.
    var isLate: Bool { get }
    /// Whether the worker may still write output where that of this later attempt is to stand.
    func mayWrite(_ task: TaskIdentity) -> Bool
    /// Notes that the worker was given this task.
    func expect(_ task: TaskIdentity, _ shard: PackedShard)
    /// Puts the payload of an OUTPUT in its place; nil where output does not come in messages.
    func place(
        _ payload: Span<UInt8>,
        of output: OutputMessage,
        in assembly: inout OutputAssembly
    ) -> OutputAssembly.Placement?
    /// Completes the output of a task whose RESULT came.
    ///
    /// - Returns: The bytes that came outside messages; nil when not all of the output is there.
    func complete(_ task: TaskIdentity, in assembly: inout OutputAssembly) -> Int?
    /// Notes the RESULT of a task, even if nobody needs it any more.
    func noteAnswer(to task: TaskIdentity)
}

/// The inputs of a workload in the coordinator.
@safe
struct LoadedInputs {
    let source: ClusterWorkload.Source
    /// Where they are.
    @unsafe var bytes: [TensorName: UnsafeRawBufferPointer]
}

// MARK: The table of planes

extension PlaneName {
    /// The planes of a cluster, whose processes may share memory or not.
    static func makePlanes(
        sharesMemory: Bool
    ) throws(RunError) -> [PlaneName: any InputPlane] {
        var planes: [PlaneName: any InputPlane] = [
            .inline: InlineInputs(), .resident: ResidentInputs(),
        ]
        guard sharesMemory else { return planes }
        let memory = try SharedInputMemory()
        planes[.shared] = SharedInputs(memory)
        planes[.copied] = CopiedInputs(memory)
        return planes
    }

    /// Those that this system has.
    package static let available = allCases.filter {
        !$0.sharesMemory || System.isSharedMemoryUnlimited
    }
}

extension OutputRoute {
    func makePlane() throws(RunError) -> any OutputPlane {
        switch self {
        case .shared: try SharedOutput()
        case .messages: MessageOutput()
        }
    }

    /// Those that this system has.
    package static let available = allCases.filter {
        !$0.sharesMemory || System.isSharedMemoryUnlimited
    }
}

// MARK: What most planes do

extension Plane {
    var memory: InheritedMemory? { nil }
}

extension OutputPlane {
    func prepareTrial() {}

    var isLate: Bool { false }

    func mayWrite(_ task: TaskIdentity) -> Bool { false }
}

extension InputPlane {
    var copiedTensors: Set<TensorName> { [] }

    func copy(_ piece: InputPiece, of inputs: LoadedInputs) {}

    @unsafe
    func payload(_ bytes: UnsafeRawBufferPointer) throws(ZeroMQError) -> Message {
        unsafe Message(borrowing: bytes)
    }
}
