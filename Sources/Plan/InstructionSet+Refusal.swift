import Attention
import Files

extension ExperimentError {
    /// An instruction set that this processor does not run.
    package static func unavailable(
        _ instructionSet: InstructionSet,
        remedy: String
    ) -> ExperimentError {
        ExperimentError(
            .environment,
            "--isa \(instructionSet.rawValue)",
            "is not what this processor runs",
            expected: InstructionSet.available.map(\.rawValue).joined(separator: ", "),
            remedy: remedy
        )
    }
}
