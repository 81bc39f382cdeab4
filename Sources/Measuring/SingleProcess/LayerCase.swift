import Attention
import Plan
import Platform
import Record

/// A multi-head layer with self-attention, as a row of the table.
package struct LayerCase: KernelCase {
    private let layer: MultiHeadLayer

    package init(_ layer: MultiHeadLayer) { self.layer = layer }

    package var title: String {
        let shape = layer.attention.shape
        let kind = layer.variant == .fused ? "multi-head layer" : "shared projections"
        return "\(kind) \(shape.batch)×\(shape.queryLength), E \(layer.embedding), H \(shape.heads)"
    }

    package var tensorBytes: Int { layer.tensorBytes }

    package func prepare(
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(RunError) -> any PreparedCase {
        try RunError.environment { () throws(LayerError) in
            try PreparedLayer(layer, kernel, team, seed: seed)
        }
    }

    package func describe(_ row: inout KernelRow) {
        row.name = title
        row.shape = layer.attention.shape
        row.mask = MaskSpecification.none
        row.layer = layer.variant
    }
}

/// A class, since it owns tensors.
private final class PreparedLayer: PreparedCase {
    private let inputs: LayerInputs
    private let heads: Slab
    private let output: Slab
    private let scratch: LayerScratch
    private let kernel: AttentionKernel
    private let team: ThreadTeam
    private let seed: UInt64

    init(
        _ layer: MultiHeadLayer,
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(LayerError) {
        // With biases, a program that forgets them is wrong.
        inputs = try LayerInputs(LayerGenerator(layer, seed: seed, hasBiases: true))
        heads = try LayerError.slab("heads", byteCount: 4 * layer.elementCount(of: .heads))
        output = try LayerError.slab("output", byteCount: 4 * layer.elementCount(of: .output))
        scratch = try LayerScratch(
            layer,
            slices: layer.attention.shape.sliceCount,
            threadCount: team.threadCount
        )
        self.kernel = kernel
        self.team = team
        self.seed = seed
    }

    var operations: Double {
        unsafe inputs.layer.flops(
            lengths: inputs.view.lengths,
            visibility: inputs.view.visibility
        )
    }

    var tanhs: Double { 0 }

    func run() {
        unsafe team.computeLayer(
            kernel,
            inputs.layer,
            inputs.view,
            heads: heads.floats,
            output: output.floats,
            scratch: scratch
        )
    }

    func verify() -> VerificationReport {
        unsafe LayerVerifier(inputs.layer, inputs.view, seed: seed).verify(output: output.floats)
    }
}
