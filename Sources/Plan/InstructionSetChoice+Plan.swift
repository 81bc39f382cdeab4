import Attention
import Files
import Work

extension InstructionSetChoice: PlanValue {
    static func read(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> Self? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
        return try Self(text, of: "the plan's key “\(key.stringValue)”")
    }

    /// Reads what `--isa` takes.
    package init(flag text: String) throws(ExperimentError) { try self.init(text, of: "--isa") }

    private init(_ text: String, of subject: String) throws(ExperimentError) {
        do {
            try self.init(text)
        } catch {
            guard error.text != Self.ownName else {
                throw ExperimentError(
                    .usage,
                    "\(subject) \(text)",
                    "has \(Self.ownName) beside other values",
                    expected: "\(Self.ownName) alone, or instruction sets joined by commas",
                    remedy:
                        "write \(Self.ownName), with which each worker has the best of its machine"
                )
            }
            throw ExperimentError(
                .usage,
                subject,
                "has the unknown value “\(error.text)”",
                expected: Self.names.joined(separator: ", "),
                remedy:
                    "use one of these, or several instruction sets joined by commas, one for each "
                    + "worker"
            )
        }
    }
}

extension RunPlan {
    /// Refuses instruction sets that this machine lacks, and several where no output could be proved.
    func validateInstructionSets() throws(ExperimentError) {
        guard let choice = arrangement.instructionSet else { return }
        if let missing = choice.possible.first(where: { !$0.isAvailable }) {
            throw .unavailable(
                missing,
                remedy: "use one of these, or leave --isa out to get the best"
            )
        }
        guard choice.isMixed else { return }
        let most = arrangement.workers.max() ?? 1
        if case .inTurn(let sets) = choice, sets.count > most {
            throw ExperimentError(
                .usage,
                "--isa \(choice)",
                "has \(counted(sets.count, "instruction set")) for \(counted(most, "worker"))",
                expected: "at most one for each worker",
                remedy: "leave some out, or use more --workers"
            )
        }
        guard arrangement.compute == .kernel else {
            throw ExperimentError(
                .usage,
                "--isa \(choice)",
                "has no meaning with --compute \(arrangement.compute)",
                expected: "workers that compute",
                remedy: "leave one of the two out"
            )
        }
        let isCut = arrangement.workers.contains { workers in
            forPoint(workers: workers).problem.attentionProblem()
                .cut(by: arrangement.split, workerCount: workers).stages.count > 1
        }
        guard !isCut else {
            throw ExperimentError(
                .usage,
                "--isa \(choice)",
                "cannot be used here: workers build on what others computed, so no part of the output "
                    + "has the bits of one instruction set",
                expected:
                    "one instruction set for layers, trained regression, and splits by keys or ring",
                remedy:
                    "use --split head, batch or rows if the operation allows it, or one instruction set"
            )
        }
    }
}
