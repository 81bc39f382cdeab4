import Attention

extension RunPlan {
    /// The flags whose values an input file decides when they are not given.
    package static let inputFlags: Set<String> = [
        "--batch", "--heads", "--kv-heads", "--length", "--key-length", "--head-dimension",
        "--value-dimension", "--mask",
    ]

    /// The plan with the sizes of an input file, and with its mask.
    ///
    /// `stated` holds the flags that the user gave (all of `inputFlags` when the plan comes from a
    /// file): they must say what the input says, where the input says anything. A mask that was
    /// stated is kept, so that `--mask causal` leaves the file's own mask aside and
    /// `--mask causal+input` joins the two.
    package func adopting(
        _ tensors: ExternalTensors,
        stated: Set<String>
    ) throws(ExperimentError) -> RunPlan {
        var plan = self
        let shape = tensors.shape
        plan.batch = shape.batch
        plan.heads = shape.heads
        plan.keyValueHeads = shape.keyValueHeads
        plan.length = shape.queryLength
        plan.keyLength = shape.keyLength
        plan.headDimension = shape.headDimension
        plan.valueDimension = shape.valueDimension
        let sizes = [
            ("--batch", batch, plan.batch),
            ("--heads", heads, plan.heads),
            ("--kv-heads", keyValueHeads, plan.keyValueHeads),
            ("--length", length, plan.length),
            ("--key-length", keyLength, plan.keyLength),
            ("--head-dimension", headDimension, plan.headDimension),
            ("--value-dimension", valueDimension, plan.valueDimension),
        ]
        for (flag, asked, found) in sizes where stated.contains(flag) && asked != found {
            throw ExperimentError(
                .usage,
                "\(flag) \(asked)",
                "is not what --input \(tensors.path) holds",
                expected: "\(found)",
                remedy: "leave \(flag) out, since the file decides it"
            )
        }
        if !stated.contains("--mask") {
            plan.mask = MaskSpecification(usesInput: tensors.mask != .none)
        }
        try plan.requireMask(of: tensors)
        return plan
    }

    private func requireMask(of tensors: ExternalTensors) throws(ExperimentError) {
        guard mask.usesInput else { return }
        guard tensors.mask != .none else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "takes the mask from --input \(tensors.path), which holds none",
                expected: "a tensor mask or lengths in it",
                remedy: "add one to the file or leave input out of --mask"
            )
        }
        guard mask.lengths == .none || tensors.mask.lengths == .none else {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "states lengths beside those of --input \(tensors.path)",
                expected: "lengths from one place",
                remedy: "leave out either lengths or input"
            )
        }
    }
}
