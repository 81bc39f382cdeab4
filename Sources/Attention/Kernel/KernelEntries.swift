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
    /// Writes `[rows, S]` weights where `forward` writes its output.
    var weights: Forward
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
    /// `[rows]`: the distance of the nearest key that each row sees; nil where no slope asks for it.
    var nearest: UnsafePointer<Int32>?
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
