import Attention
import Work

/// Coordinator to worker: the problem of the next trials, and the source of its inputs.
package struct Workload: SetupMessage {
    package static let kind = MessageKind.workload
    package static let maximumPayloadBytes = WireProtocol.maximumPayloadBytes

    /// What a worker generates query, key and value from.
    package struct Generated: Hashable, Sendable, Codable {
        package var seed: UInt64
        package var values: ValueKind

        package init(seed: UInt64, values: ValueKind) {
            self.seed = seed
            self.values = values
        }
    }

    package var problem: AttentionProblem
    /// The instruction set that every process of the run uses, because bits differ between them.
    package var instructionSet: InstructionSet
    /// Nil if query, key and value come as CHUNK messages.
    package var generated: Generated?
    /// The bytes of CHUNK payload that come before READY; 0 if none do.
    package var residentBytes: Int
    /// Where the output tensor begins, in bytes, in the memory that the worker got when it was
    /// started; nil if output travels as OUTPUT messages.
    package var sharedOutputOffset: Int?
    /// Where the outputs of earlier stages begin, in bytes, in the memory that all workers got; nil if
    /// they come as CHUNK messages.
    package var gatheredOffset: Int?
    /// Where the inputs begin, in bytes, in another memory that all workers got; nil if they come as
    /// CHUNK messages or are generated.
    package var inputOffset: Int?
    /// What the worker does with tasks instead of computing them; nil to compute.
    package var standIn: StandIn?

    package init(
        problem: AttentionProblem,
        instructionSet: InstructionSet,
        generated: Generated? = nil,
        residentBytes: Int = 0,
        sharedOutputOffset: Int? = nil,
        gatheredOffset: Int? = nil,
        inputOffset: Int? = nil,
        standIn: StandIn? = nil
    ) {
        self.problem = problem
        self.instructionSet = instructionSet
        self.generated = generated
        self.residentBytes = residentBytes
        self.sharedOutputOffset = sharedOutputOffset
        self.gatheredOffset = gatheredOffset
        self.inputOffset = inputOffset
        self.standIn = standIn
    }

    package func check() throws(WireError) {
        guard (0...Int(WireProtocol.maximumTensorBytes)).contains(residentBytes) else {
            throw field("residentBytes", residentBytes)
        }
        // The sum of two such offsets cannot overflow.
        let offsets = 0...1 << 61
        for (name, offset) in [
            ("sharedOutputOffset", sharedOutputOffset), ("gatheredOffset", gatheredOffset),
            ("inputOffset", inputOffset),
        ] {
            guard let offset else { continue }
            guard offsets.contains(offset), offset.isMultiple(of: 4096) else {
                throw field(name, offset)
            }
        }
        if let keys = problem.spanKeys, keys != AttentionKernel.spanKeys {
            throw field("spanKeys", keys)
        }
        if case .waiting(let perTask, let perPair) = standIn {
            guard perTask <= StandIn.longestNanoseconds else {
                throw field("standIn.nanosecondsPerTask", perTask)
            }
            guard (0...Double(StandIn.longestNanoseconds)).contains(perPair) else {
                throw field("standIn.nanosecondsPerPair", perPair)
            }
        }
        try checkShape()
        do throws(AttentionError) {
            try problem.validate()
        } catch {
            throw field("problem", "\(error)")
        }
    }

    /// Checks every size, so that no product of sizes can overflow when tensors are laid out.
    private func checkShape() throws(WireError) {
        let shape = problem.shape
        let sizes = [
            ("batch", shape.batch), ("heads", shape.heads), ("keyValueHeads", shape.keyValueHeads),
            ("queryLength", shape.queryLength), ("keyLength", shape.keyLength),
            ("headDimension", shape.headDimension), ("keyDimension", shape.keyDimension),
            ("valueDimension", shape.valueDimension),
        ]
        for (name, size) in sizes where !(1...Int(Int32.max)).contains(size) {
            throw field(name, size)
        }
        guard shape.heads.isMultiple(of: shape.keyValueHeads) else {
            throw field("keyValueHeads", shape.keyValueHeads)
        }
        let slices = Double(shape.batch) * Double(shape.heads)
        let columns = Double(
            max(shape.headDimension, shape.keyDimension, shape.valueDimension)
        )
        let length = Double(max(shape.queryLength, shape.keyLength))
        // No operation attends to more keys than these.
        let spans = (shape.keyLength - 1) / AttentionKernel.spanKeys + 1
        let states = Double(spans) * Double(shape.queryLength) * Double(2 + shape.valueDimension)
        let pairs = slices * Double(shape.queryLength) * Double(shape.keyLength)
        let largest = max(
            slices * length * columns * 4,
            problem.mask.visibility == .none ? 0 : pairs,
            problem.mask.bias == .none ? 0 : 4 * pairs,
            problem.spanKeys == nil ? 0 : 4 * slices * states
        )
        guard largest <= Double(WireProtocol.maximumTensorBytes) else {
            throw field("size of the largest tensor", largest)
        }
    }
}
