import Attention
import Plan

/// Random cases: every feature is drawn independently, and sizes are mostly next to an edge.
enum CatalogueRandom {
    /// The (query, key, column) products of the largest case; the slow reference checks all its
    /// rows.
    static let largestWork = 3_000_000

    /// Random case `ordinal` of a seed.
    ///
    /// `attempt` draws another in the place of one that would prove nothing.
    static func draw(seed: UInt64, ordinal: Int, attempt: Int) -> CatalogueCase {
        var draw = CatalogueDraw(seed: seed, ordinal: ordinal, attempt: attempt)
        var entry = CatalogueCase(shape: shape(&draw), mask: mask(&draw))
        (entry.pattern, entry.layout) = CataloguePatterns.draw(&draw, entry.shape)
        if entry.mask.band == .causalByLength { entry.mask.lengths = .perBatch }
        if entry.mask.band == .causal || entry.mask.band == .none, draw.chance(20) {
            entry.offset = draw.number(in: 1...entry.shape.keyLength)
        }
        entry.lengthPattern = draw.one(of: [.random, .random, .edges, .powers])
        entry.visibilityPattern = draw.one(of: [.random, .sparse, .blocks])
        if draw.chance(25) { entry.scoreScale = draw.one(of: [0, 1, -0.5, 0.03, 2, 1e-6]) }
        if draw.chance(30) { entry.maskedRows = .uniform }
        if draw.chance(20) {
            entry.poison = draw.one(of: [.nan, .infinity])
            entry.maskedRows = .zeros
        }
        entry.values = draw.one(of: [
            .uniform, .uniform, .uniform, .large, .constant, .exactPermutation, .exactMean,
        ])
        if !entry.values.hasExactAnswer {
            if draw.chance(15) { entry.softCap = draw.one(of: [0.5, 3, 30]) }
            if draw.chance(20) { entry.alibi = .standard }
            if draw.chance(20) {
                entry.mask.bias = draw.one(of: [.shared, .perBatch, .perHead, .perSlice])
            }
            if draw.chance(15), entry.maskedRows == .zeros { entry.sinks = .random }
            if draw.chance(35) { drawScoring(&entry, &draw) }
        }
        entry.seed = UInt64(draw.number(in: 1...999_999_999))
        if !entry.values.hasExactAnswer, draw.chance(8) {
            entry.makeUnmasked()
            entry.linformer = draw.number(in: 1...entry.shape.keyLength)
        }
        if !entry.values.hasExactAnswer, entry.linformer == nil, draw.chance(6) {
            entry.makeSoftmax()
        }
        if !entry.values.hasExactAnswer, entry.linformer == nil, entry.operation == .attention {
            drawOperation(&entry, &draw)
        }
        fit(&entry)
        return entry
    }

    private static func drawOperation(_ entry: inout CatalogueCase, _ draw: inout CatalogueDraw) {
        if draw.chance(6) {
            entry.makeLayer(draw.one(of: [.multiHead, .multiHeadShared]))
        } else if draw.chance(6) {
            entry.makeRegression(
                draw.one(of: PoolingName.allCases),
                Training(epochs: draw.number(in: 1...6), rate: draw.one(of: [0.01, 0.1, 0.5]))
            )
        } else if draw.chance(6) {
            entry.makeSteps()
        }
    }

    private static func drawScoring(_ entry: inout CatalogueCase, _ draw: inout CatalogueDraw) {
        entry.scoring = draw.one(of: ScoringName.allCases)
        if entry.scoring == .additive { entry.hidden = draw.one(of: [1, 3, 16, 33]) }
        let function = entry.problem.score.function
        entry.shape.keyDimension =
            function.takesOtherKeyDimension && draw.chance(50)
            ? dimension(&draw) : entry.shape.headDimension
    }

    private static func shape(_ draw: inout CatalogueDraw) -> AttentionShape {
        let keyValueHeads = draw.number(in: 1...3)
        let dimension = dimension(&draw)
        let length = length(&draw, longest: 200)
        return AttentionShape(
            batch: draw.number(in: 1...4),
            heads: keyValueHeads * draw.one(of: [1, 1, 2, 3, 4]),
            keyValueHeads: keyValueHeads,
            queryLength: length,
            keyLength: draw.chance(35) ? length : self.length(&draw, longest: 320),
            headDimension: dimension,
            valueDimension: draw.chance(50) ? dimension : self.dimension(&draw)
        )
    }

    private static func length(_ draw: inout CatalogueDraw, longest: Int) -> Int {
        if draw.chance(4) { return draw.one(of: [2047, 2048, 2049, 2200]) }
        if draw.chance(40) { return draw.number(in: 1...longest) }
        let edge = draw.one(of: [1, 8, 16, 24, 32, 48, 64, 96, 128, 256])
        return max(1, edge + draw.number(in: -1...1))
    }

    private static func dimension(_ draw: inout CatalogueDraw) -> Int {
        if draw.chance(40) { return draw.number(in: 1...150) }
        let edge = draw.one(of: [1, 4, 8, 16, 32, 48, 64, 64, 96, 128, 256, 511])
        return max(1, edge + draw.number(in: -1...1))
    }

    private static func mask(_ draw: inout CatalogueDraw) -> Mask {
        Mask(
            band: draw.one(of: [.none, .none, .causal, .causalBottomRight, .causalByLength]),
            lengths: draw.one(of: [.none, .none, .perBatch, .perRow]),
            visibility: draw.one(of: [
                .none, .none, .none, .none, .shared, .perBatch, .perHead, .perSlice,
            ])
        )
    }

    /// Reduces sizes until the case can be checked in full, and masks to those the values allow.
    private static func fit(_ entry: inout CatalogueCase) {
        while entry.work > largestWork {
            let sizes: [WritableKeyPath<AttentionShape, Int>] = [
                \.queryLength, \.keyLength, \.headDimension, \.valueDimension,
            ]
            let hasOneDimension = entry.shape.keyDimension == entry.shape.headDimension
            let shape = entry.shape
            guard let largest = sizes.max(by: { shape[keyPath: $0] < shape[keyPath: $1] }) else {
                return
            }
            // Reduce by slightly less than half, so that the result is odd as often as even.
            entry.shape[keyPath: largest] = max(1, shape[keyPath: largest] * 5 / 9)
            if hasOneDimension { entry.shape.keyDimension = entry.shape.headDimension }
            entry.linformer = entry.linformer.map { min($0, entry.shape.keyLength) }
            if entry.operation.isLayer { entry.shape.valueDimension = entry.shape.headDimension }
            if entry.operation == .kernelRegression {
                entry.shape.keyLength = max(2, entry.shape.keyLength)
            }
            if entry.operation == .decodeSteps { entry.makeCache() }
        }
        let bits = Int.bitWidth - (entry.shape.keyLength - 1).leadingZeroBitCount
        switch entry.values {
        case .exactPermutation:
            entry.shape.headDimension = max(entry.shape.headDimension, bits, 1)
            entry.shape.keyDimension = entry.shape.headDimension
            entry.scoreScale = entry.scoreScale == 0 ? nil : entry.scoreScale
        case .exactMean:
            entry.mask.band = .none
            entry.offset = 0
            entry.mask.visibility = .none
            entry.pattern = .none
            entry.layout = nil
            entry.lengthPattern = .powers
            if entry.mask.lengths == .none { entry.shape.keyLength = 1 << (bits - 1).magnitude }
        case .uniform, .large, .constant:
            break
        }
    }
}
