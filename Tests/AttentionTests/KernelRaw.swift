import Attention
import KernelAVX2
import KernelAVX512
import KernelBaseline

/// The entry point of one kernel module without the table before it: bounds that no mask of the
/// package makes (windows) can be given to it.
struct KernelRaw {
    var instructionSet: InstructionSet

    /// All rows of the case's only slice, row i seeing `bounds[i]`; the case's own band and lengths
    /// are ignored, and its boolean tensor is used when it has one.
    func output(_ test: KernelCase, bounds: [Range<Int>]) -> [Float] {
        let starts = bounds.map { Int32($0.lowerBound) }
        let ends = bounds.map { Int32($0.upperBound) }
        let shape = test.shape
        var output = [Float](
            repeating: .pi,
            count: shape.queryLength * shape.valueDimension
        )
        guard let slab = Slab(byteCount: 1 << 20) else { fatalError("no memory") }
        test.withView { view in
            output.withUnsafeMutableBufferPointer {
                call(view, starts, ends, shape, test.problem.scoreScale, $0.start, slab.base)
            }
        }
        return output
    }

    private func call(
        _ view: InputView,
        _ starts: UnsafePointer<Int32>,
        _ ends: UnsafePointer<Int32>,
        _ shape: AttentionShape,
        _ scale: Float,
        _ output: UnsafeMutablePointer<Float>,
        _ workspace: UnsafeMutableRawPointer
    ) {
        let (q, k, v, mask) = (view.query, view.key, view.value, view.visibility)
        let (rows, keys) = (shape.queryLength, shape.keyLength)
        let (d, dv) = (shape.headDimension, shape.valueDimension)
        switch instructionSet {
        case .baseline:
            KernelBaseline.forward(
                query: q,
                key: k,
                value: v,
                visibleStart: starts,
                visibleEnd: ends,
                rangeOffsets: nil,
                ranges: nil,
                visibility: mask,
                rows: rows,
                keyLength: keys,
                headDimension: d,
                valueDimension: dv,
                scale: scale,
                softCap: 0,
                slope: 0,
                firstPosition: 0,
                nearest: nil,
                output: output,
                workspace: workspace
            )
        #if arch(x86_64)
        case .avx2:
            KernelAVX2.forward(
                query: q,
                key: k,
                value: v,
                visibleStart: starts,
                visibleEnd: ends,
                rangeOffsets: nil,
                ranges: nil,
                visibility: mask,
                rows: rows,
                keyLength: keys,
                headDimension: d,
                valueDimension: dv,
                scale: scale,
                softCap: 0,
                slope: 0,
                firstPosition: 0,
                nearest: nil,
                output: output,
                workspace: workspace
            )
        case .avx512:
            KernelAVX512.forward(
                query: q,
                key: k,
                value: v,
                visibleStart: starts,
                visibleEnd: ends,
                rangeOffsets: nil,
                ranges: nil,
                visibility: mask,
                rows: rows,
                keyLength: keys,
                headDimension: d,
                valueDimension: dv,
                scale: scale,
                softCap: 0,
                slope: 0,
                firstPosition: 0,
                nearest: nil,
                output: output,
                workspace: workspace
            )
        #else
        case .avx2, .avx512: fatalError("not compiled in")
        #endif
        }
    }
}
