import Attention
import Files
import Plan

/// The cases of `headwise kernel --suite`: every kind of attention at its usual sizes, so that one
/// table shows which are near their roof.
package enum KernelSuite {
    package static func cases() throws(ExperimentError) -> [any KernelCase] {
        var cases: [any KernelCase] = []
        for dimension in [64, 128] {
            for length in [128, 256, 512, 1024, 2048, 4096] {
                for mask in ["none", "causal"] {
                    cases.append(try square(length, dimension, mask))
                }
            }
        }
        for dimension in [40, 80, 96, 256] { cases.append(try square(1024, dimension)) }
        cases.append(try square(777, 64))
        for mask in [
            "window:256", "window:128+128", "longformer:window=256,global=0+1",
            "bigbird:window=3,random=3,block=64",
        ] {
            cases.append(try square(4096, 64, mask, heads: 8))
        }
        cases.append(try square(1024, 64, heads: 8, batch: 8))
        cases.append(
            try square(
                1024,
                64,
                "lengths:256,365,475,585,694,804,914,1024",
                heads: 8,
                batch: 8,
                name: "lengths 256…1024, 8×8×1024, D 64"
            )
        )
        var alibi = plan(1024, 64)
        alibi.mask = try MaskSpecification("causal")
        alibi.alibi = .standard
        cases.append(AttentionCase(alibi, name: "causal, ALiBi, 1024, D 64"))
        var capped = plan(1024, 64)
        capped.softCap = 30
        cases.append(AttentionCase(capped, name: "soft cap, 1024, D 64"))
        var biased = plan(1024, 64)
        biased.bias = .shared
        cases.append(AttentionCase(biased, name: "bias [L,S], 1024, D 64"))
        var sunk = plan(1024, 64)
        sunk.sinks = .random
        cases.append(AttentionCase(sunk, name: "sinks, 1024, D 64"))
        var projected = plan(4096, 64)
        projected.linformer = 256
        cases.append(AttentionCase(projected, name: "Linformer k 256, 4096, D 64"))
        var softmax = plan(1024, 64)
        softmax.batch = 8
        softmax.operation = .maskedSoftmax
        softmax.mask = try MaskSpecification("lengths:256,365,475,585,694,804,914,1024")
        cases.append(AttentionCase(softmax, name: "masked softmax, 8×1024×1024"))
        var regression = plan(4096, 1)
        regression.operation = .kernelRegression
        cases.append(AttentionCase(regression, name: "kernel regression, 4096, 5 epochs"))
        for scoring in [ScoringName.cosine, .bilinear, .gaussian, .gaussianColumns, .additive] {
            var scored = plan(1024, 64)
            scored.scoring = scoring
            cases.append(
                AttentionCase(scored, name: "\(scoring.rawValue), 1024, D 64")
            )
        }
        for (rows, keys, heads, shared) in [
            (1, 65536, 32, 32), (1, 65536, 32, 8), (4, 16384, 32, 8), (16, 16384, 32, 8),
        ] {
            cases.append(decode(rows, keys, heads, shared))
        }
        cases.append(ProductCase(ProductShape(rows: 2048, columns: 2048, depth: 2048)))
        for variant in MultiHeadLayer.Variant.allCases {
            cases.append(
                LayerCase(
                    MultiHeadLayer(variant, embedding: 512, heads: 8, batch: 8, queryLength: 512)
                )
            )
        }
        return cases
    }

    private static func plan(_ length: Int, _ dimension: Int) -> RunPlan {
        RunPlan {
            $0.batch = 1
            $0.heads = 1
            $0.length = length
            $0.headDimension = dimension
            $0.workers = [1]
        }
    }

    private static func square(
        _ length: Int,
        _ dimension: Int,
        _ mask: String = "none",
        heads: Int = 1,
        batch: Int = 1,
        name: String? = nil
    ) throws(ExperimentError) -> AttentionCase {
        var plan = plan(length, dimension)
        plan.batch = batch
        plan.heads = heads
        plan.keyValueHeads = heads
        plan.mask = try MaskSpecification(mask)
        let slices = batch * heads == 1 ? "" : batch == 1 ? "\(heads)×" : "\(batch)×\(heads)×"
        let kind = mask == "none" ? "full" : mask
        return AttentionCase(
            plan,
            name: name ?? "\(kind), \(slices)\(length), D \(dimension)"
        )
    }

    private static func decode(
        _ rows: Int,
        _ keys: Int,
        _ heads: Int,
        _ shared: Int
    ) -> AttentionCase {
        let plan = RunPlan {
            $0.batch = 1
            $0.heads = heads
            $0.keyValueHeads = shared
            $0.length = rows
            $0.keyLength = keys
            $0.headDimension = 128
            $0.workers = [1]
        }
        let groups = heads == shared ? "\(heads)" : "\(heads)/\(shared)"
        return AttentionCase(plan, name: "decode \(groups)×\(rows)×\(keys), D 128")
    }
}
