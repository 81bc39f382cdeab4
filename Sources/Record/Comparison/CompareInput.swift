import Files
import Plan

/// What a file on the command line of a comparison is; its schema decides.
package enum CompareInput: Sendable {
    /// A plan, still to be measured.
    case plan(RunPlan)
    /// A record, measured before.
    case record(RunRecord)

    /// Reads a plan, or the record of a run or a sweep; with `asPlan` a record counts as the plan
    /// inside it.
    package static func read(
        _ path: String,
        asPlan: Bool = false
    ) throws(ExperimentError) -> CompareInput {
        let file = try JSONFile(reading: path)
        try file.requireSchema(among: [RunPlan.schema] + RunRecord.schemas)
        return asPlan || file.schema == RunPlan.schema
            ? .plan(try RunPlan(in: file)) : .record(try RunRecord(checking: file))
    }

    package var noun: String {
        switch self {
        case .plan: "a plan"
        case .record: "a record"
        }
    }
}
