import Attention
import Cluster
import Measuring
import Platform

/// The tensors of one case: those used in the computation, and the same without poison.
///
/// A class, since every cluster that computes the case keeps it until the next one is loaded.
final class CatalogueInputs {
    /// As the generator makes them.
    private let clean: AttentionInputs
    /// With NaN or infinities in the keys and values that no row sees, and in the queries of rows
    /// that see no key.
    private let sent: AttentionInputs
    /// How many elements were poisoned.
    let poisonedElements: Int

    init(_ entry: CatalogueCase) throws(AttentionError) {
        let clean = try Self.make(entry)
        let sent = try Self.make(entry)
        poisonedElements = Self.poison(sent, entry)
        self.clean = clean
        self.sent = sent
    }

    var problem: AttentionProblem { sent.problem }

    /// The tensors used, valid as long as this object lives.
    @unsafe
    var view: InputView { unsafe sent.view }

    func load(_ workload: ClusterWorkload, into cluster: Cluster) throws(RunError) {
        try cluster.load(workload, inputs: sent)
    }

    /// Other tensors, and the right output for them; `former` is the output for these.
    func others(
        _ kernel: AttentionKernel,
        former: TrialOutput,
        _ cancellation: Cancellation
    ) throws(AttentionError) -> OtherInputs {
        unsafe try OtherInputs(
            of: sent,
            kernel,
            former: UnsafePointer(former.floats),
            cancellation: cancellation
        )
    }

    /// Computes the whole output in this process.
    func compute(
        _ team: ThreadTeam,
        _ kernel: AttentionKernel,
        isClean: Bool = false,
        into output: TrialOutput
    ) {
        output.poison(problem)
        let view = unsafe isClean ? clean.view : sent.view
        unsafe team.forwardWhole(kernel, problem, view, output: output.floats)
    }

    private static func make(_ entry: CatalogueCase) throws(AttentionError) -> AttentionInputs {
        let problem = entry.problem
        let generator = try InputGenerator(problem, kind: entry.values, seed: entry.seed)
        let inputs = try AttentionInputs(problem)
        if problem.mask.lengths != .none {
            let lengths = entry.patternLengths ?? generator.lengths()
            try problem.validateLengths(lengths)
            let destination = unsafe inputs.bytes(of: .lengths).assumingMemoryBound(to: Int32.self)
            for (index, length) in lengths.enumerated() { unsafe destination[index] = length }
        }
        fillVisibility(inputs, entry, generator)
        let rows = unsafe RowVisibility(problem, inputs.view)
        try generator.checkCounts(rows)
        inputs.generateFloats(generator, rows)
        return inputs
    }

    private static func fillVisibility(
        _ inputs: borrowing AttentionInputs,
        _ entry: CatalogueCase,
        _ generator: InputGenerator
    ) {
        let (problem, shape) = (entry.problem, entry.shape)
        let bytes = unsafe inputs.bytes(of: .visibility).assumingMemoryBound(to: UInt8.self)
        guard problem.mask.visibility != .none, let base = bytes.baseAddress else { return }
        guard entry.visibilityPattern != .random else {
            unsafe generator.fillVisibility(elements: 0..<bytes.count, into: base)
            return
        }
        var index = 0
        for part in 0..<problem.partCount(of: .visibility) {
            for row in 0..<shape.queryLength {
                for key in 0..<shape.keyLength {
                    let isShown = entry.isShown(part: part, row: row, key: key)
                    unsafe bytes[index] = isShown ? 1 : 0
                    index += 1
                }
            }
        }
    }

    // MARK: Poison

    /// Spoils what is hidden; the number of elements.
    private static func poison(_ inputs: borrowing AttentionInputs, _ entry: CatalogueCase) -> Int {
        guard entry.poison != .none else { return 0 }
        let shape = entry.shape
        let rows = unsafe RowVisibility(entry.problem, inputs.view)
        var isSeen = [Bool](
            repeating: false,
            count: shape.keyValueSliceCount * shape.keyLength
        )
        var count = 0
        for slice in 0..<shape.sliceCount {
            let firstKey = shape.keyValueSlice(of: slice) * shape.keyLength
            for row in 0..<shape.queryLength {
                let keys = rows.visibleKeys(slice: slice, row: row)
                for key in keys { isSeen[firstKey + key] = true }
                guard keys.isEmpty else { continue }
                let flatRow = slice * shape.queryLength + row
                count += spoil(.query, of: inputs, row: flatRow, shape.headDimension, entry.poison)
            }
        }
        for row in isSeen.indices where !isSeen[row] {
            count += spoil(.key, of: inputs, row: row, shape.keyDimension, entry.poison)
            count += spoil(.value, of: inputs, row: row, shape.valueDimension, entry.poison)
        }
        return count
    }

    private static func spoil(
        _ tensor: TensorName,
        of inputs: borrowing AttentionInputs,
        row: Int,
        _ columns: Int,
        _ poison: CatalogueCase.Poison
    ) -> Int {
        let floats = unsafe floats(tensor, of: inputs)
        for column in 0..<columns {
            let infinity: Float = column.isMultiple(of: 2) ? .infinity : -.infinity
            unsafe floats[row * columns + column] = poison == .nan ? .nan : infinity
        }
        return columns
    }

    private static func floats(
        _ tensor: TensorName,
        of inputs: borrowing AttentionInputs
    ) -> UnsafeMutableBufferPointer<Float> {
        unsafe inputs.bytes(of: tensor).assumingMemoryBound(to: Float.self)
    }
}
