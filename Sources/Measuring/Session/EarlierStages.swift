import Attention
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The right outputs of all stages but the last, computed to find out who made a wrong one.
///
/// What a wrong element of the last stage was made from may have been wrong already.
@safe
struct EarlierStages: ~Copyable {
    private let layout: StageLayout
    /// The rows that each stage computes.
    private let rows: [[Range<Int>]]
    private let memory: Slab

    /// Computes all stages from `inputs` with all cores.
    init(
        _ problem: AttentionProblem,
        _ kernel: AttentionKernel,
        _ inputs: InputView,
        cancellation: Cancellation
    ) throws(AttentionError) {
        let layout = StageLayout(problem)
        let memory = try AttentionInputs.slab(.heads, byteCount: layout.earlierByteCount)
        let output = try AttentionInputs.slab(
            .output,
            byteCount: problem.byteCount(of: .output)
        )
        var view = unsafe inputs
        for (tensor, offset) in layout.earlierTensors {
            unsafe view[tensor] = UnsafeRawPointer(memory.base + offset)
        }
        let threads = Affinity.allowedProcessors.count
        let team = ThreadTeam(threadCount: threads, cancellation: cancellation)
        unsafe team.forwardWhole(kernel, problem, view, output: output.floats)
        self.layout = layout
        rows = layout.stages.map { problem.rowParts(of: $0) }
        self.memory = memory
    }

    /// The first row that differs, by its stage; `found` are the outputs of these stages in a trial.
    @unsafe
    func firstDifference(
        in found: [UnsafePointer<Float>]
    ) -> (stage: Int, slice: Int, row: Int)? {
        for (index, stage) in layout.stages.dropLast().enumerated() {
            let right = unsafe UnsafePointer(memory.floats + layout.offsets[index] / 4)
            for slice in 0..<stage.sliceCount {
                for row in rows[index].joined() {
                    let first = stage.offset(slice: slice, row: row)
                    let bytes = 4 * stage.columnCount
                    if unsafe memcmp(right + first, found[index] + first, bytes) != 0 {
                        return (index, slice, row)
                    }
                }
            }
        }
        return nil
    }
}
