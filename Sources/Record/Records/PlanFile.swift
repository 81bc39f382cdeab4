import Files
import Plan

/// A plan and its file, which error messages name.
package struct PlanFile: Equatable, Sendable {
    package let path: String
    /// The plan as it is in the file, before any flag changes it.
    package let plan: RunPlan

    package init(reading path: String) throws(ExperimentError) {
        self.path = path
        plan = try RunPlan.read(path)
    }

    /// The error about a plan made of this one, which names flags, as whoever wrote the file knows
    /// it: by the file and its keys, where the flags left these as they were.
    package func naming(_ error: ExperimentError, in used: RunPlan) -> ExperimentError {
        let flags = error.subject.split(separator: " ").filter { $0.hasPrefix("--") }
        let keys = RunPlan.fields.filter { field in
            flags.contains { $0 == field.flag } && field.text(plan) == field.text(used)
        }
        var named = error
        if !keys.isEmpty {
            let list = keys.map { "“\($0.key)”" }.joined(separator: ", ")
            let noun = keys.count == 1 ? "key" : "keys"
            named.subject = "\(path): the plan's \(noun) \(list) (\(error.subject))"
        } else if flags.isEmpty, error.subject.hasPrefix("the ") {
            // What no flag says: the name, or the problem as a whole.
            named.subject = "\(path): \(error.subject)"
        }
        return named
    }
}
