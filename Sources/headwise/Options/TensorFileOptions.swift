import ArgumentParser
import Plan

/// The files of tensors that a run writes.
struct TensorFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Write the workers' output of the last trial, right or wrong, to this new .npy or \
            .safetensors file. A sweep writes the output of the last worker count.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Option(
        help: ArgumentHelp(
            """
            Also write the attention weights (B × H × L × S) to this new .npy or .safetensors \
            file. With a pattern, a .safetensors file holds the visible weights only.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var weights: String?

    /// Sets the given flags.
    func apply(to plan: inout RunPlan) {
        if let output { plan.output = unlessNone(output) }
        if let weights { plan.weights = unlessNone(weights) }
    }
}
