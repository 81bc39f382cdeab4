import Attention
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster

/// The input pieces that a worker gets for each shard.
@Suite struct DeliveryTests {
    private static let tensors: [TensorName] = [.query, .key, .value, .lengths, .visibility]

    /// B = 2, H = 4, Hkv = 2, L = 6, S = 5, D = 3, Dv = 2: eight slices, four of keys and values.
    private func problem(_ mask: Mask = .none) -> AttentionProblem {
        AttentionProblem(shape: .sample(heads: 4, keyValueHeads: 2), mask: mask)
    }

    private func shard(_ slices: Range<Int>, rows: Range<Int> = 0..<6) -> Shard {
        Shard(slices: slices, rows: rows)
    }

    @Test func `a whole slice brings its keys, values and queries`() {
        let delivery = Delivery(problem: problem())
        let pieces = delivery.takePieces(for: shard(2..<3))
        #expect(
            pieces == [
                InputPiece(tensor: .key, byteRange: 60..<120),
                InputPiece(tensor: .value, byteRange: 40..<80),
                InputPiece(tensor: .query, byteRange: 144..<216),
            ]
        )
    }

    @Test func `the heads of a group share one delivery of keys and values`() {
        let delivery = Delivery(problem: problem())
        _ = delivery.takePieces(for: shard(0..<1))
        let second = delivery.takePieces(for: shard(1..<2))
        #expect(second == [InputPiece(tensor: .query, byteRange: 72..<144)])
    }

    @Test func `neighbouring slices are sent as one piece`() {
        let delivery = Delivery(problem: problem())
        #expect(
            delivery.takePieces(for: shard(0..<8)) == [
                InputPiece(tensor: .key, byteRange: 0..<240),
                InputPiece(tensor: .value, byteRange: 0..<160),
                InputPiece(tensor: .query, byteRange: 0..<576),
            ]
        )
    }

    @Test func `a part that the worker already has splits the piece`() {
        let delivery = Delivery(problem: problem())
        _ = delivery.takePieces(for: shard(2..<4))
        let keys = delivery.takePieces(for: shard(0..<8)).filter { $0.tensor == .key }
        #expect(keys.map(\.byteRange) == [0..<60, 120..<240])
    }

    @Test func `some rows of several slices are a query piece each`() {
        let delivery = Delivery(problem: problem())
        let queries = delivery.takePieces(for: shard(0..<2, rows: 2..<4))
            .filter { $0.tensor == .query }
        #expect(queries.map(\.byteRange) == [24..<48, 96..<120])
    }

    @Test func `a second attempt sends the queries again, but not the keys`() {
        let delivery = Delivery(problem: problem())
        _ = delivery.takePieces(for: shard(5..<6))
        let again = delivery.takePieces(for: shard(5..<6))
        #expect(again.map(\.tensor) == [.query])
    }

    @Test func `a new trial sends everything again`() {
        let first = Delivery(problem: problem())
        let second = Delivery(problem: problem())
        #expect(first.takePieces(for: shard(0..<8)) == second.takePieces(for: shard(0..<8)))
    }

    @Test(arguments: Mask.Lengths.allSamples, Mask.Pairs.allSamples)
    func `every byte a worker needs arrives, shared parts once`(
        lengths: Mask.Lengths,
        visibility: Mask.Pairs
    ) {
        let problem = problem(Mask(lengths: lengths, visibility: visibility))
        let delivery = Delivery(problem: problem)
        var counts = Self.tensors.map { [Int](repeating: 0, count: problem.byteCount(of: $0)) }
        // Slices one by one, rows in two parts: the most pieces there can be.
        for slice in 0..<8 {
            for rows in [0..<2, 2..<6] {
                for piece in delivery.takePieces(for: shard(slice..<slice + 1, rows: rows)) {
                    #expect(!piece.byteRange.isEmpty)
                    for byte in piece.byteRange { counts[piece.tensor.rawValue][byte] += 1 }
                }
            }
        }
        for tensor in Self.tensors {
            #expect(counts[tensor.rawValue].allSatisfy { $0 == 1 }, "\(tensor)")
        }
    }

    @Test func `a stage brings what it reads, and no more`() {
        var problem = problem()
        problem.operation = .linformer(keys: 2)
        let delivery = Delivery(problem: problem)
        let keys = delivery.takePieces(
            for: Shard(stage: 0, slices: 1..<2, rows: 0..<1)
        )
        #expect(
            keys == [
                InputPiece(tensor: .key, byteRange: 60..<120),
                InputPiece(tensor: .keyProjection, byteRange: 0..<40),
            ]
        )
        let values = delivery.takePieces(
            for: Shard(stage: 1, slices: 0..<1, rows: 0..<2)
        )
        #expect(values.map(\.tensor) == [.value, .valueProjection])
        let attention = delivery.takePieces(
            for: Shard(stage: 2, slices: 2..<4, rows: 0..<6)
        )
        #expect(
            attention == [
                InputPiece(tensor: .projectedKey, byteRange: 24..<48),
                InputPiece(tensor: .projectedValue, byteRange: 16..<32),
                InputPiece(tensor: .query, byteRange: 144..<288),
            ]
        )
    }

    @Test func `a layer's heads bring inputs and weights, its tokens rows of heads`() {
        var problem = AttentionProblem(
            shape: AttentionShape(
                batch: 2,
                heads: 4,
                keyValueHeads: 4,
                queryLength: 6,
                keyLength: 5,
                headDimension: 3,
                valueDimension: 3
            )
        )
        problem.operation = .multiHead(.fused, .memory)
        let delivery = Delivery(problem: problem)
        let heads = delivery.takePieces(for: Shard(stage: 0, slices: 5..<7, rows: 0..<6))
        #expect(
            heads == [
                InputPiece(tensor: .query, byteRange: 288..<576),
                InputPiece(tensor: .key, byteRange: 240..<480),
                InputPiece(tensor: .projectionWeights, byteRange: 0..<1728),
                InputPiece(tensor: .projectionBias, byteRange: 0..<144),
            ]
        )
        #expect(delivery.takePieces(for: Shard(stage: 0, slices: 7..<8, rows: 0..<6)).isEmpty)
        let tokens = delivery.takePieces(for: Shard(stage: 1, slices: 1..<2, rows: 2..<4))
        #expect(
            tokens == [
                InputPiece(tensor: .outputWeights, byteRange: 0..<576),
                InputPiece(tensor: .outputBias, byteRange: 0..<48),
                InputPiece(tensor: .heads, byteRange: 384..<480),
            ]
        )
    }

    @Test func `an epoch brings the sums of the epoch before it`() {
        var problem = AttentionProblem(
            shape: AttentionShape(
                batch: 2,
                heads: 2,
                keyValueHeads: 2,
                queryLength: 6,
                keyLength: 40,
                headDimension: 1,
                valueDimension: 1
            )
        )
        problem.operation = .kernelRegression(.learned(Training(epochs: 2)))
        let delivery = Delivery(problem: problem)
        // 4 slices of 40 rows: 2 spans of 3 numbers each.
        let data = [TensorName.key, .value].map { InputPiece(tensor: $0, byteRange: 160..<320) }
        let first = delivery.takePieces(for: Shard(stage: 0, slices: 1..<2, rows: 0..<1))
        #expect(first == data)
        let second = delivery.takePieces(for: Shard(stage: 1, slices: 1..<3, rows: 1..<2))
        #expect(second.contains(InputPiece(tensor: .training, byteRange: 24..<72)))
        let last = delivery.takePieces(for: Shard(stage: 2, slices: 1..<2, rows: 2..<4))
        #expect(
            last == [
                InputPiece(tensor: .training, byteRange: 120..<144),
                InputPiece(tensor: .query, byteRange: 32..<40),
            ]
        )
    }

    @Test func `states bring the keys of their spans, once, and a fold their states`() {
        var problem = problem()
        problem.spanKeys = 2
        let delivery = Delivery(problem: problem)
        #expect(
            delivery.takePieces(for: Shard(slices: 2..<4, rows: 1..<3)) == [
                InputPiece(tensor: .query, byteRange: 144..<288),
                InputPiece(tensor: .key, byteRange: 84..<120),
                InputPiece(tensor: .value, byteRange: 56..<80),
            ]
        )
        #expect(
            delivery.takePieces(for: Shard(slices: 3..<4, rows: 0..<2)) == [
                InputPiece(tensor: .key, byteRange: 60..<84),
                InputPiece(tensor: .value, byteRange: 40..<56),
            ]
        )
        #expect(
            delivery.takePieces(for: Shard(stage: 1, slices: 5..<6, rows: 0..<6)) == [
                InputPiece(tensor: .states, byteRange: 1440..<1728)
            ]
        )
    }

    @Test func `a fold of rows that become means brings all values`() {
        var problem = problem(Mask(lengths: .perBatch, visibility: .shared))
        problem.spanKeys = 2
        for maskedRows in MaskedRows.allCases {
            problem.maskedRows = maskedRows
            let pieces = Delivery(problem: problem)
                .takePieces(for: Shard(stage: 1, slices: 2..<3, rows: 0..<2))
            let more = maskedRows == .uniform ? [TensorName.visibility, .value] : []
            #expect(Set(pieces.map(\.tensor)) == Set([.lengths, .states] + more))
            let values = pieces.filter { $0.tensor == .value }.map(\.byteRange)
            #expect(values == (maskedRows == .uniform ? [40..<80] : []))
        }
    }

    /// A cache of 2 keys and 3 steps; keys have 12 bytes, values 8, and queries 12.
    private func steps(spanKeys: Int?) -> AttentionProblem {
        var problem = AttentionProblem(
            shape: .sample(heads: 4, keyValueHeads: 2, queryLength: 3, keyLength: 5),
            mask: Mask(band: .causalBottomRight)
        )
        problem.operation = .decodeSteps
        problem.spanKeys = spanKeys
        return problem
    }

    @Test func `a step brings its own key, and the first one the cache before it`() {
        let delivery = Delivery(problem: steps(spanKeys: nil))
        #expect(
            delivery.takePieces(for: shard(0..<2, rows: 0..<1)) == [
                InputPiece(tensor: .key, byteRange: 0..<36),
                InputPiece(tensor: .value, byteRange: 0..<24),
                InputPiece(tensor: .query, byteRange: 0..<12),
                InputPiece(tensor: .query, byteRange: 36..<48),
            ]
        )
        #expect(
            delivery.takePieces(for: shard(0..<1, rows: 2..<3)) == [
                InputPiece(tensor: .key, byteRange: 36..<60),
                InputPiece(tensor: .value, byteRange: 24..<40),
                InputPiece(tensor: .query, byteRange: 24..<36),
            ]
        )
        #expect(
            delivery.takePieces(for: shard(1..<2, rows: 1..<2)).map(\.tensor) == [.query]
        )
    }

    @Test func `states of a step bring the keys that their spans have then`() {
        // 3 spans: keys 0 and 1, 2 and 3, 4.
        let delivery = Delivery(problem: steps(spanKeys: 2))
        #expect(
            delivery.takePieces(for: shard(0..<1, rows: 0..<3)) == [
                InputPiece(tensor: .query, byteRange: 0..<12),
                InputPiece(tensor: .key, byteRange: 0..<36),
                InputPiece(tensor: .value, byteRange: 0..<24),
            ]
        )
        #expect(
            delivery.takePieces(for: shard(0..<1, rows: 7..<9)) == [
                InputPiece(tensor: .query, byteRange: 24..<36),
                InputPiece(tensor: .key, byteRange: 36..<60),
                InputPiece(tensor: .value, byteRange: 24..<40),
            ]
        )
        // The states of a step: 3 spans of 2 + 2 numbers.
        #expect(
            delivery.takePieces(for: Shard(stage: 1, slices: 1..<2, rows: 2..<3)) == [
                InputPiece(tensor: .states, byteRange: 240..<288)
            ]
        )
    }

    @Test func `a visit brings the keys of its arc, its queries once, and what rows carry`() {
        // 3 spans: keys 0 and 1 are an arc, and 2 to 4 the other.
        var problem = problem()
        (problem.spanKeys, problem.arcs) = (2, 2)
        let delivery = Delivery(problem: problem)
        #expect(
            delivery.takePieces(for: shard(2..<4, rows: 1..<3)) == [
                InputPiece(tensor: .query, byteRange: 156..<180),
                InputPiece(tensor: .query, byteRange: 228..<252),
                InputPiece(tensor: .key, byteRange: 60..<84),
                InputPiece(tensor: .value, byteRange: 40..<56),
            ]
        )
        // A row carries 2 + 2 numbers.
        #expect(
            delivery.takePieces(for: Shard(stage: 1, slices: 2..<4, rows: 1..<3)) == [
                InputPiece(tensor: .key, byteRange: 84..<120),
                InputPiece(tensor: .value, byteRange: 56..<80),
                InputPiece(tensor: .carried, byteRange: 208..<240),
                InputPiece(tensor: .carried, byteRange: 304..<336),
            ]
        )
    }

    @Test func `a last visit of rows that become means brings all values`() {
        var problem = problem(Mask(lengths: .perBatch))
        (problem.spanKeys, problem.arcs) = (2, 2)
        for maskedRows in MaskedRows.allCases {
            problem.maskedRows = maskedRows
            for stage in 0..<2 {
                let values = Delivery(problem: problem)
                    .takePieces(for: Shard(stage: stage, slices: 2..<3, rows: 0..<2))
                    .filter { $0.tensor == .value }
                let isAll = maskedRows == .uniform && stage == 1
                #expect(
                    values.map(\.byteRange) == [isAll ? 40..<80 : stage == 0 ? 40..<56 : 56..<80]
                )
            }
        }
    }

    @Test func `rows that see few keys bring few`() {
        // Rows 0 and 1 visit the first arc alone, in the last stage.
        var problem = problem(Mask(band: .causal))
        (problem.spanKeys, problem.arcs) = (2, 2)
        #expect(
            Delivery(problem: problem).takePieces(for: Shard(stage: 1, slices: 0..<1, rows: 0..<2))
                == [
                    InputPiece(tensor: .query, byteRange: 0..<24),
                    InputPiece(tensor: .key, byteRange: 0..<24),
                    InputPiece(tensor: .value, byteRange: 0..<16),
                ]
        )
    }

    @Test func `a tensor the mask does not have is no piece`() {
        #expect(InputPiece(whole: .visibility, of: problem()) == nil)
        #expect(InputPiece(whole: .key, of: problem())?.byteRange == 0..<240)
    }
}

extension Mask.Lengths {
    static let allSamples: [Self] = [.none, .perBatch, .perRow]
}

extension Mask.Pairs {
    static let allSamples: [Self] = [.none, .shared, .perBatch, .perSlice]
}
