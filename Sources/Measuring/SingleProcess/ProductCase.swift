import Attention
import Platform
import Record

/// A matrix product with a bias, as a row of the table: what the projections of a layer are made of.
package struct ProductCase: KernelCase {
    private let shape: ProductShape

    package init(_ shape: ProductShape) { self.shape = shape }

    package var title: String { "product \(shape.rows)×\(shape.columns)×\(shape.depth)" }

    package var tensorBytes: Int { shape.tensorBytes }

    package func prepare(
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(RunError) -> any PreparedCase {
        try RunError.environment { () throws(LayerError) in
            try PreparedProduct(shape, kernel, team, seed: seed)
        }
    }

    package func describe(_ row: inout KernelRow) {
        row.name = title
        row.product = shape
    }
}

/// A class, since it owns matrices.
private final class PreparedProduct: PreparedCase {
    private let inputs: ProductInputs
    private let output: Slab
    private let kernel: AttentionKernel
    private let team: ThreadTeam
    private let seed: UInt64

    init(
        _ shape: ProductShape,
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(LayerError) {
        inputs = try ProductInputs(shape, seed: seed)
        output = try LayerError.slab("a product", byteCount: 4 * shape.rows * shape.columns)
        self.kernel = kernel
        self.team = team
        self.seed = seed
    }

    var operations: Double { inputs.shape.flops }
    var tanhs: Double { 0 }

    func run() {
        unsafe team.multiply(
            kernel,
            MatrixProduct(
                inputs.shape,
                left: inputs.left,
                right: inputs.right,
                bias: inputs.bias,
                output: output.floats
            )
        )
    }

    func verify() -> VerificationReport {
        unsafe ProductVerifier(
            inputs.shape,
            left: inputs.left,
            right: inputs.right,
            bias: inputs.bias,
            seed: seed
        ).verify(output: output.floats)
    }
}
