/// What a file on the command line of a comparison is; its schema decides.
package enum CompareInput: Sendable {
    /// To be measured.
    case plan(RunPlan)
    /// Measured before.
    case record(RunRecord)

    /// Reads a plan, or the record of a run or a sweep; with `asPlan` a record counts as the plan
    /// inside it.
    package static func read(
        _ path: String,
        asPlan: Bool = false
    ) throws(ExperimentError) -> CompareInput {
        if asPlan { return .plan(try RunPlan.read(path)) }
        let bytes = try OpenFile.contents(of: path, limit: RunPlan.largestFileBytes)
        let schema = try JSONText.decode(RunPlan.Head.self, from: bytes, source: path).schema
        if schema == RunPlan.schema { return .plan(try RunPlan.read(path)) }
        let records = RunRecord.Schema.allCases.map(\.rawValue)
        guard records.contains(schema) else {
            var error = ExperimentError.otherSchema(
                schema,
                expected: ([RunPlan.schema] + records).joined(separator: ", ")
            )
            error.subject = "\(path): \(error.subject)"
            throw error
        }
        return .record(try RunRecord.read(path))
    }

    package var noun: String {
        switch self {
        case .plan: "a plan"
        case .record: "a record"
        }
    }
}
