import Attention
import Files
import Tensors

/// The weights of one query block; only one block is in memory at a time.
package struct WeightsStrip {
    private let problem: AttentionProblem
    private let kernel: AttentionKernel
    private let isCompressed: Bool
    private var slice = 0
    private var rows = 0..<0
    /// `[rows, S]`: the weights of the current block.
    ///
    /// When dense, hidden keys between a row's first and last key have weight zero. All other
    /// hidden weights are undefined.
    private var weights: [Float]
    /// The visible keys of all rows, and where the keys of each row end.
    private var keys: [Int32] = []
    private var ends: [Int] = []

    package init(_ problem: AttentionProblem, _ kernel: AttentionKernel, isCompressed: Bool) {
        self.problem = problem
        self.kernel = kernel
        self.isCompressed = isCompressed
        let rows = min(kernel.queryBlock, problem.shape.queryLength)
        weights = Array(repeating: 0, count: rows * problem.shape.keyLength)
    }

    private var columns: Int { problem.shape.keyLength }

    @unsafe
    package mutating func compute(
        _ inputs: InputView,
        slice: Int,
        _ rows: Range<Int>,
        _ source: inout WeightKeys,
        _ workspace: borrowing KernelWorkspace
    ) {
        self.slice = slice
        self.rows = rows
        keys.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for row in rows {
            let first = keys.count
            unsafe source.append(slice: slice, row: row, to: &keys)
            ends.append(keys.count)
            if let range = range(from: first, to: keys.count) {
                let start = (row - rows.lowerBound) * columns
                for key in range { weights[start + key] = 0 }
            }
        }
        unsafe weights.withUnsafeMutableBufferPointer { buffer in
            guard let target = buffer.baseAddress else { return }
            guard problem.operation != .maskedSoftmax else {
                return unsafe kernel.softmax(
                    problem,
                    inputs,
                    slice: slice,
                    rows: rows,
                    into: target,
                    workspace: workspace
                )
            }
            unsafe kernel.weights(
                problem,
                inputs,
                slice: slice,
                rows: rows,
                into: target,
                workspace: workspace
            )
        }
    }

    /// The weights of `keys`.
    package var visible: [Float] {
        var found: [Float] = []
        found.reserveCapacity(keys.count)
        forEachRow { index, first, end in
            for key in keys[first..<end] { found.append(weights[index * columns + Int(key)]) }
        }
        return found
    }

    /// Calls `body` with each row of the block, its keys and their weights.
    package func forEachWeights(_ body: RowOfWeights) {
        let visible = visible
        forEachRow { index, first, end in
            body(rows.lowerBound + index, keys[first..<end], visible[first..<end])
        }
    }

    package typealias RowOfWeights = (
        _ row: Int, _ keys: ArraySlice<Int32>, _ weights: ArraySlice<Float>
    ) -> Void

    package func show(_ verifier: inout WeightsVerifier) {
        let visible = isCompressed ? visible : []
        // A dense file has zeros outside a row's range of keys; memory does not hold them.
        var whole: [Float] = []
        forEachRow { index, first, end in
            let row = rows.lowerBound + index
            guard verifier.wants(slice: slice, row: row) else { return }
            if isCompressed {
                unsafe keys[first..<end].withUnsafeBufferPointer { keys in
                    unsafe visible[first..<end].withUnsafeBufferPointer { weights in
                        unsafe verifier.take(slice: slice, row: row, keys: keys, weights: weights)
                    }
                }
                return
            }
            whole = Array(repeating: 0, count: columns)
            if let range = range(from: first, to: end) {
                for key in range { whole[key] = weights[index * columns + key] }
            }
            unsafe whole.withUnsafeBufferPointer { weights in
                unsafe verifier.take(slice: slice, row: row, keys: nil, weights: weights)
            }
        }
    }

    func write(to file: inout WeightsOutput) throws(ExperimentError) {
        guard !isCompressed else {
            return try file.append(ends: ends, keys: keys, weights: visible)
        }
        let first = (slice * problem.shape.queryLength + rows.lowerBound) * columns
        if problem.mask == .none {
            return try file.place(weights[0..<rows.count * columns], at: first)
        }
        var start = 0
        for (index, end) in ends.enumerated() {
            if let range = range(from: start, to: end) {
                let place = index * columns + range.lowerBound
                try file.place(weights[place..<place + range.count], at: first + place)
            }
            start = end
        }
    }

    /// The range from a row's first key to after its last, if the row has any.
    private func range(from first: Int, to end: Int) -> Range<Int>? {
        first < end ? Int(keys[first])..<Int(keys[end - 1]) + 1 : nil
    }

    private func forEachRow(_ body: (_ index: Int, _ first: Int, _ end: Int) -> Void) {
        var first = 0
        for (index, end) in ends.enumerated() {
            body(index, first, end)
            first = end
        }
    }
}
