import Files
import Plan

extension RunPlan {
    /// Reads a plan, or the plan inside a record of a run or a sweep.
    ///
    /// The files that the run of a record wrote are its own: repeating it must not ask for others.
    package static func read(_ path: String) throws(ExperimentError) -> RunPlan {
        try RunPlan(in: JSONFile(reading: path))
    }

    package init(in file: JSONFile) throws(ExperimentError) {
        try file.requireSchema(among: [Self.schema] + RunRecord.schemas)
        self =
            if file.schema == Self.schema {
                try file.decode(RunPlan.self)
            } else {
                try file.decode(Carrier.self).plan.withoutOutputFiles
            }
    }

    private var withoutOutputFiles: RunPlan {
        var plan = self
        plan.output = nil
        plan.weights = nil
        return plan
    }

    /// A record, seen as what it carries.
    private struct Carrier: Decodable {
        var plan: RunPlan
    }
}
