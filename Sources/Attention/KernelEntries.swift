import KernelAVX2
import KernelAVX512
import KernelBaseline

/// The entry points of one kernel module, which differ in nothing but the instructions inside.
///
/// Closures, because the modules' functions have the same names; calling through one costs nothing
/// beside the rows it computes.
@unsafe
struct KernelEntries: Sendable {
    typealias Forward =
        @Sendable (
            _ rows: KernelRows,
            _ output: UnsafeMutablePointer<Float>,
            _ workspace: UnsafeMutableRawPointer
        ) -> Void
    typealias ForwardSpan =
        @Sendable (
            _ rows: KernelRows,
            _ span: Int,
            _ target: RunningSoftmaxView,
            _ workspace: UnsafeMutableRawPointer
        ) -> Void

    typealias Decode =
        @Sendable (
            _ rows: DecodeRows,
            _ span: Int?,
            _ target: RunningSoftmaxView,
            _ workspace: UnsafeMutableRawPointer
        ) -> Void

    var queryBlock: Int
    var keyBlock: Int
    var workspaceBytes: Int
    var forward: Forward
    var forwardSpan: ForwardSpan
    /// Without a span only the target's output is written, and it is finished.
    var decode: Decode
    var mergeSpans:
        @Sendable (
            _ rows: Int,
            _ valueDimension: Int,
            _ total: RunningSoftmaxView,
            _ next: RunningSoftmaxView
        ) -> Void
    var finishSpans:
        @Sendable (_ rows: Int, _ valueDimension: Int, _ total: RunningSoftmaxView) -> Void
    var fmaChains: @Sendable (_ iterations: Int, _ sink: UnsafeMutablePointer<Float>) -> Double
    var sumFloats: @Sendable (_ numbers: UnsafePointer<Float>, _ count: Int) -> Float
}

/// Some query rows of one slice as a kernel wants them: every pointer at the first row, or at the
/// first key.
@unsafe
struct KernelRows {
    var query: UnsafePointer<Float>
    var key: UnsafePointer<Float>
    var value: UnsafePointer<Float>
    var visibleStart: UnsafePointer<Int32>
    var visibleEnd: UnsafePointer<Int32>
    /// Row i's ranges are those from rangeOffsets[i] to rangeOffsets[i + 1], two numbers each.
    var rangeOffsets: UnsafePointer<Int32>?
    var ranges: UnsafePointer<Int32>?
    var visibility: UnsafePointer<UInt8>?
    var count: Int
    var keyLength: Int
    var headDimension: Int
    var valueDimension: Int
    var scale: Float
    /// 0 for none.
    var softCap: Float
    /// What a key's distance costs; 0 for nothing.
    var slope: Float
    /// Where row 0 stands among the keys.
    var firstPosition: Int
    /// Row i has visibility bytes i mod this.
    var maskRows: Int
}

/// The rows of several heads that share their keys and values, one head after the other.
@unsafe
struct DecodeRows {
    var rows: KernelRows
    /// `[rows]`: what a key's distance costs, and where the row stands.
    var slopes: UnsafePointer<Float>
    var positions: UnsafePointer<Int32>
}

/// Where the running softmax of some rows over some keys lies: what a key shard returns.
///
/// m and l are `[rows]`, o is `[rows, Dv]`, not divided by l. A row that saw no key has m = -Inf,
/// l = -0 and o = 0.
@unsafe
package struct RunningSoftmaxView {
    package var maximum: UnsafeMutablePointer<Float>
    package var sum: UnsafeMutablePointer<Float>
    package var output: UnsafeMutablePointer<Float>

    package init(
        maximum: UnsafeMutablePointer<Float>,
        sum: UnsafeMutablePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        unsafe self.maximum = maximum
        unsafe self.sum = sum
        unsafe self.output = output
    }
}

extension KernelEntries {
    static let baseline = unsafe KernelEntries(
        queryBlock: KernelBaseline.queryBlock,
        keyBlock: KernelBaseline.keyBlock,
        workspaceBytes: KernelBaseline.workspaceBytes,
        forward: { rows, output, workspace in
            unsafe KernelBaseline.forward(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                output: output,
                workspace: workspace
            )
        },
        forwardSpan: { rows, span, target, workspace in
            unsafe KernelBaseline.forwardSpan(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                span: span,
                maximum: target.maximum,
                sum: target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        decode: { rows, span, target, workspace in
            unsafe KernelBaseline.decode(
                query: rows.rows.query,
                key: rows.rows.key,
                value: rows.rows.value,
                visibleStart: rows.rows.visibleStart,
                visibleEnd: rows.rows.visibleEnd,
                rangeOffsets: rows.rows.rangeOffsets,
                ranges: rows.rows.ranges,
                visibility: rows.rows.visibility,
                maskRows: rows.rows.maskRows,
                rows: rows.rows.count,
                keyLength: rows.rows.keyLength,
                headDimension: rows.rows.headDimension,
                valueDimension: rows.rows.valueDimension,
                scale: rows.rows.scale,
                softCap: rows.rows.softCap,
                slopes: rows.slopes,
                positions: rows.positions,
                span: span ?? -1,
                maximum: span == nil ? nil : target.maximum,
                sum: span == nil ? nil : target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        mergeSpans: { rows, valueDimension, total, next in
            unsafe KernelBaseline.mergeSpans(
                rows: rows,
                valueDimension: valueDimension,
                maximum: total.maximum,
                sum: total.sum,
                output: total.output,
                nextMaximum: next.maximum,
                nextSum: next.sum,
                nextOutput: next.output
            )
        },
        finishSpans: { rows, valueDimension, total in
            unsafe KernelBaseline.finishSpans(
                rows: rows,
                valueDimension: valueDimension,
                sum: total.sum,
                output: total.output
            )
        },
        fmaChains: { iterations, sink in
            unsafe KernelBaseline.fmaChains(iterations: iterations, seed: 0.5, sink: sink)
        },
        sumFloats: { numbers, count in unsafe KernelBaseline.sumFloats(numbers, count: count) }
    )

    #if arch(x86_64)
    static let avx2 = unsafe KernelEntries(
        queryBlock: KernelAVX2.queryBlock,
        keyBlock: KernelAVX2.keyBlock,
        workspaceBytes: KernelAVX2.workspaceBytes,
        forward: { rows, output, workspace in
            unsafe KernelAVX2.forward(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                output: output,
                workspace: workspace
            )
        },
        forwardSpan: { rows, span, target, workspace in
            unsafe KernelAVX2.forwardSpan(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                span: span,
                maximum: target.maximum,
                sum: target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        decode: { rows, span, target, workspace in
            unsafe KernelAVX2.decode(
                query: rows.rows.query,
                key: rows.rows.key,
                value: rows.rows.value,
                visibleStart: rows.rows.visibleStart,
                visibleEnd: rows.rows.visibleEnd,
                rangeOffsets: rows.rows.rangeOffsets,
                ranges: rows.rows.ranges,
                visibility: rows.rows.visibility,
                maskRows: rows.rows.maskRows,
                rows: rows.rows.count,
                keyLength: rows.rows.keyLength,
                headDimension: rows.rows.headDimension,
                valueDimension: rows.rows.valueDimension,
                scale: rows.rows.scale,
                softCap: rows.rows.softCap,
                slopes: rows.slopes,
                positions: rows.positions,
                span: span ?? -1,
                maximum: span == nil ? nil : target.maximum,
                sum: span == nil ? nil : target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        mergeSpans: { rows, valueDimension, total, next in
            unsafe KernelAVX2.mergeSpans(
                rows: rows,
                valueDimension: valueDimension,
                maximum: total.maximum,
                sum: total.sum,
                output: total.output,
                nextMaximum: next.maximum,
                nextSum: next.sum,
                nextOutput: next.output
            )
        },
        finishSpans: { rows, valueDimension, total in
            unsafe KernelAVX2.finishSpans(
                rows: rows,
                valueDimension: valueDimension,
                sum: total.sum,
                output: total.output
            )
        },
        fmaChains: { iterations, sink in
            unsafe KernelAVX2.fmaChains(iterations: iterations, seed: 0.5, sink: sink)
        },
        sumFloats: { numbers, count in unsafe KernelAVX2.sumFloats(numbers, count: count) }
    )

    static let avx512 = unsafe KernelEntries(
        queryBlock: KernelAVX512.queryBlock,
        keyBlock: KernelAVX512.keyBlock,
        workspaceBytes: KernelAVX512.workspaceBytes,
        forward: { rows, output, workspace in
            unsafe KernelAVX512.forward(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                output: output,
                workspace: workspace
            )
        },
        forwardSpan: { rows, span, target, workspace in
            unsafe KernelAVX512.forwardSpan(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                span: span,
                maximum: target.maximum,
                sum: target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        decode: { rows, span, target, workspace in
            unsafe KernelAVX512.decode(
                query: rows.rows.query,
                key: rows.rows.key,
                value: rows.rows.value,
                visibleStart: rows.rows.visibleStart,
                visibleEnd: rows.rows.visibleEnd,
                rangeOffsets: rows.rows.rangeOffsets,
                ranges: rows.rows.ranges,
                visibility: rows.rows.visibility,
                maskRows: rows.rows.maskRows,
                rows: rows.rows.count,
                keyLength: rows.rows.keyLength,
                headDimension: rows.rows.headDimension,
                valueDimension: rows.rows.valueDimension,
                scale: rows.rows.scale,
                softCap: rows.rows.softCap,
                slopes: rows.slopes,
                positions: rows.positions,
                span: span ?? -1,
                maximum: span == nil ? nil : target.maximum,
                sum: span == nil ? nil : target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        mergeSpans: { rows, valueDimension, total, next in
            unsafe KernelAVX512.mergeSpans(
                rows: rows,
                valueDimension: valueDimension,
                maximum: total.maximum,
                sum: total.sum,
                output: total.output,
                nextMaximum: next.maximum,
                nextSum: next.sum,
                nextOutput: next.output
            )
        },
        finishSpans: { rows, valueDimension, total in
            unsafe KernelAVX512.finishSpans(
                rows: rows,
                valueDimension: valueDimension,
                sum: total.sum,
                output: total.output
            )
        },
        fmaChains: { iterations, sink in
            unsafe KernelAVX512.fmaChains(iterations: iterations, seed: 0.5, sink: sink)
        },
        sumFloats: { numbers, count in unsafe KernelAVX512.sumFloats(numbers, count: count) }
    )
    #endif
}
