import Attention
import Plan
import Work

/// One attention problem of the catalogue and the recipe for its numbers, written as a line of
/// text that repeats it anywhere.
package struct CatalogueCase: Hashable, Sendable {
    /// Which valid lengths a case has.
    enum LengthPattern: String, CaseIterable {
        /// The generator's: 1…S.
        case random
        /// S, 1, 0, S − 1, …: rows that see all, one, and nothing.
        case edges
        /// Powers of two, over which a mean is exact.
        case powers
    }

    /// Which elements of the boolean tensor are shown.
    enum VisibilityPattern: String, CaseIterable {
        /// The generator's: half of them.
        case random
        /// Few; some rows see nothing, some keys are seen by nobody.
        case sparse
        /// Tiles of 16 rows and 32 keys, so that whole key blocks are hidden.
        case blocks
    }

    /// The values put into elements that no row can see.
    enum Poison: String, CaseIterable {
        case none, nan, infinity
    }

    /// A generated block layout: every row block sees its own keys and half of the others.
    struct Layout: Hashable, Sendable {
        /// Rows, and keys, of a block.
        var block: Int
        /// Whether every head has its own.
        var isPerHead: Bool
    }

    var shape: AttentionShape
    /// The mask without its pattern, which is in `pattern` or made from `layout`.
    var mask: Mask
    var pattern = PatternSpecification.none
    var layout: Layout?
    package var softCap: Float?
    var alibi: AlibiSpecification?
    var sinks = SinkSpecification.none
    var operation = OperationName.attention
    /// The keys that are left by Linformer; no projection when nil.
    var linformer: Int?
    /// What only kernel regression has.
    var pooling = PoolingName.learned
    var training = Training()
    var lengthPattern = LengthPattern.random
    var visibilityPattern = VisibilityPattern.random
    /// The scoring function's own factor when nil.
    var scoreScale: Float?
    package var scoring = ScoringName.scaledDot
    /// The hidden units of additive scores.
    var hidden = Self.usualHidden
    package var maskedRows = MaskedRows.zeros
    var offset = 0
    var values = ValueKind.uniform
    var poison = Poison.none
    var seed: UInt64 = 1

    private static let usualHidden = 8

    init(shape: AttentionShape, mask: Mask = .none) {
        self.shape = shape
        self.mask = mask
    }

    var problem: AttentionProblem {
        var mask = mask
        mask.pattern = keyPattern
        return AttentionProblem(
            shape: shape,
            mask: mask,
            score: Score(
                scoring.function(hidden: hidden),
                scale: scoreScale ?? scoring.usualScale(headDimension: scaledColumns)
            ),
            softCap: softCap,
            alibi: alibi?.slopes(heads: shape.heads) ?? [],
            sinks: sinks.numbers(heads: shape.heads, seed: seed),
            maskedRows: maskedRows,
            offset: offset,
            operation: operation.operation(
                linformer: linformer,
                source: shape.queryLength == shape.keyLength ? .itself : .memory,
                pooling: Pooling(pooling) { training }
            )
        )
    }

    /// The splits that it may have: only attention has keys to cut.
    var splits: [Split] {
        let operation = problem.operation
        return Split.allCases.filter { split in
            switch split {
            case .keys: operation.attendsDirectly
            case .ring: operation == .attention
            case .auto, .batch, .head, .rows: true
            }
        }
    }

    /// Whether there is more than one span of keys.
    var hasSpans: Bool { problem.cut(by: .keys, workerCount: 1).spanCount > 1 }

    /// Heads that share their projections are scaled by 1/√E.
    private var scaledColumns: Int {
        operation == .multiHeadShared ? shape.heads * shape.headDimension : shape.headDimension
    }

    private var keyPattern: KeyPattern {
        if let layout { return .blocks(blocks(layout)) }
        guard case .longformer(var pattern) = pattern else { return pattern.keyPattern ?? .none }
        // Shrinking the lengths must not make the case impossible.
        pattern.globals.removeAll { $0 >= shape.keyLength }
        return .longformer(pattern)
    }

    private func blocks(_ layout: Layout) -> BlockLayout {
        let rowBlocks = (shape.queryLength + layout.block - 1) / layout.block
        let keyBlocks = (shape.keyLength + layout.block - 1) / layout.block
        let heads = layout.isPerHead ? shape.heads : 1
        let flags = (0..<heads * rowBlocks * keyBlocks).map { index in
            let (row, key) = (index / keyBlocks % rowBlocks, index % keyBlocks)
            return row == key || CatalogueDraw.mixed(seed ^ UInt64(index) << 20) & 1 == 0
        }
        return BlockLayout(
            block: layout.block,
            heads: heads,
            rowBlocks: rowBlocks,
            keyBlocks: keyBlocks,
            isVisible: flags
        )
    }

    /// The number of (query, key, column) products of a full computation: the cost of checking the
    /// case.
    var work: Int {
        if operation.isLayer {
            return problem.mostPreparationFlops / 2 + shape.sliceCount * shape.queryLength
                * shape.keyLength * 2 * shape.headDimension
        }
        let projected = linformer.map {
            shape.keyValueSliceCount * $0 * shape.keyLength
                * (shape.keyDimension + shape.valueDimension)
        }
        // An exponential for each pair of rows in each epoch.
        let trained =
            (problem.operation.pooling?.training?.epochs ?? 0) * shape.sliceCount
            * shape.keyLength * shape.keyLength * 4
        if operation == .maskedSoftmax {
            return shape.sliceCount * shape.queryLength * shape.keyLength
        }
        return (projected ?? 0) + trained + shape.sliceCount * shape.queryLength
            * problem.attended.shape.keyLength
            * (problem.score.function.columns(shape) + shape.valueDimension)
    }

    /// Leaves out all that Linformer cannot have: what hides keys, and positions.
    mutating func makeUnmasked() {
        mask = .none
        pattern = .none
        layout = nil
        alibi = nil
        offset = 0
        lengthPattern = .random
        visibilityPattern = .random
        poison = .none
    }

    /// Leaves out all that a softmax of given scores cannot have.
    mutating func makeSoftmax() {
        operation = .maskedSoftmax
        shape.keyValueHeads = shape.heads
        (shape.headDimension, shape.valueDimension) = (1, 1)
        makeDotScores()
        scoreScale = nil
        softCap = nil
        alibi = nil
        sinks = .none
        mask.bias = .none
        poison = .none
    }

    /// Leaves out all that kernel regression cannot have.
    mutating func makeRegression(_ pooling: PoolingName, _ training: Training) {
        makeUnmasked()
        makeSoftmax()
        operation = .kernelRegression
        maskedRows = .zeros
        self.pooling = pooling
        self.training = pooling == .learned ? training : Training()
        shape.keyLength = max(2, shape.keyLength)
    }

    /// Leaves out all that steps of decoding cannot have.
    mutating func makeSteps() {
        operation = .decodeSteps
        mask = .none
        mask.band = .causalBottomRight
        offset = 0
        lengthPattern = .random
        visibilityPattern = .random
        makeDotScores()
        maskedRows = .zeros
        poison = .none
        makeCache()
    }

    /// Leaves at least one key before those of the steps.
    mutating func makeCache() {
        shape.keyLength = max(2, shape.keyLength)
        shape.queryLength = min(shape.queryLength, shape.keyLength - 1)
    }

    /// Leaves out all that a layer cannot have.
    mutating func makeLayer(_ name: OperationName) {
        operation = name
        shape.keyValueHeads = shape.heads
        shape.valueDimension = shape.headDimension
        makeDotScores()
        poison = .none
    }

    /// Leaves out all other scores.
    private mutating func makeDotScores() {
        scoring = .scaledDot
        hidden = Self.usualHidden
        shape.keyDimension = shape.headDimension
    }

    // MARK: Patterns

    /// The valid lengths of a pattern, as many as the mask has; nil for the generator's.
    var patternLengths: [Int32]? {
        let count = problem.byteCount(of: .lengths) / 4
        let keys = shape.keyLength
        switch lengthPattern {
        case .random: return nil
        case .edges:
            let edges = [keys, 1, 0, keys - 1, keys / 2, 16, 17, keys - 2, 128, 129]
            return (0..<count).map { Int32(min(max(edges[$0 % edges.count], 0), keys)) }
        case .powers:
            // Never 1 alone: a mean over one key proves little.
            let largest = Int.bitWidth - 1 - keys.leadingZeroBitCount
            return (0..<count).map { Int32(1 << max(largest - $0 % 4, 0)) }
        }
    }

    /// Whether a pattern other than the generator's shows element (row, key) of a part.
    func isShown(part: Int, row: Int, key: Int) -> Bool {
        // Every part shows at least one element; otherwise the case would prove nothing.
        if row == 0, key == 0 { return true }
        switch visibilityPattern {
        case .random, .sparse:
            if row % 5 == 3 || key % 7 == 2 { return false }
            let counter = UInt64(part) << 40 ^ UInt64(row) << 20 ^ UInt64(key)
            return CatalogueDraw.mixed(seed ^ counter) & 3 == 0
        case .blocks:
            return (key / 32 + row / 16 + part) % 3 == 0
        }
    }
}
