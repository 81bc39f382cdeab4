import Attention
import Plan

extension RunPlan {
    /// The problem in a cell of a table: `8×8, 1024 × 1024, D 64, mask causal`.
    package var brief: String {
        let sizes = "\(problem.batch)×\(problem.heads), \(problem.length) × \(problem.keyLength)"
        let columns = shape.heads * shape.headDimension
        let kind: String =
            switch problem.operation {
            case .attention:
                "\(sizes), D \(problem.headDimension)"
                    + (problem.linformer.map { ", Linformer \($0)" } ?? "")
            case .maskedSoftmax: "softmax \(sizes)"
            case .multiHead: "layer \(sizes), E \(columns)"
            case .multiHeadShared: "shared layer \(sizes), E \(columns)"
            case .kernelRegression: "regression \(sizes), \(problem.pooling.rawValue)"
            case .decodeSteps:
                "\(shape.queryLength) steps \(problem.batch)×\(problem.heads), "
                    + "cache \(problem.keyLength), D \(problem.headDimension)"
            }
        return kind + (problem.mask == .none ? "" : ", mask \(problem.mask)")
    }

    /// The keys that `brief` shows, and those that no reader needs.
    private static let briefKeys: Set<String> = [
        "batch", "heads", "keyValueHeads", "length", "keyLength", "headDimension",
        "valueDimension", "operation", "embedding", "linformer", "pooling", "mask",
        "instructionSet", "outputs", "steps",
    ]

    /// What tells this plan from others of the same problem: every other key that is not at its
    /// default, such as `plane inline`, in the order of the plan.
    package var unusual: [String] {
        let usual = RunPlan()
        var unusual = Self.fields.compactMap { field -> String? in
            let text = field.text(self)
            guard field.role != .procedure, !Self.briefKeys.contains(field.key),
                text != field.text(usual)
            else { return nil }
            return "\(field.key) \(text)"
        }
        if problem.operation.hasColumns {
            if problem.keyValueHeads != problem.heads {
                unusual.insert("keyValueHeads \(problem.keyValueHeads)", at: 0)
            }
            if problem.embedding == nil, problem.valueDimension != problem.headDimension {
                unusual.insert("valueDimension \(problem.valueDimension)", at: 0)
            }
        }
        // A record says how outputs travelled, which by default follows from the rest.
        var usualOutputs = self
        usualOutputs.arrangement.outputs = .auto
        let route = outputRoute(canShare: true)
        if route != usualOutputs.outputRoute(canShare: true) {
            unusual.append("outputs \(route.rawValue)")
        }
        return unusual
    }
}
