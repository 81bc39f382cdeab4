import Files
import Plan
import Platform
import Record
import Tensors

/// The requested files of `--output` and `--weights`, claimed before the run.
package struct TensorFiles: ~Copyable {
    private var output: TensorOutput?
    /// What the output's file holds, once it is written.
    private(set) var note: String?
    private var weights: WeightsOutput?

    /// The flags of the files that are still to be written.
    var unwritten: [String] {
        (output == nil ? [] : ["--output"]) + (weights == nil ? [] : ["--weights"])
    }

    init(_ plan: RunPlan) throws(ExperimentError) {
        if let path = plan.output {
            let file = try TensorOutput.reserve(path: path)
            try file.requireRoom(
                for: plan.forPoint(workers: plan.workers.last ?? 1).problem.outputBytes
            )
            output = consume file
        } else {
            output = nil
        }
        if let path = plan.weights {
            let file = try WeightsOutput.reserve(path: path)
            try file.requireRoom(
                for: plan.problem.weightBytes,
                isMasked: plan.mask != .none,
                hasPattern: plan.mask.pattern != .none
            )
            weights = consume file
        } else {
            weights = nil
        }
    }

    /// Writes the output; a file that is not written is removed with this value.
    ///
    /// `shape` is that of an input file, as for `Session`.
    mutating func writeOutput(of session: Session, shape: [Int]?) throws(RunError) {
        guard var file = output.take() else { return }
        note = "output: \(file.path): " + (try session.writeOutput(to: &file, shape: shape))
    }

    /// Writes the weights; nil if they were not requested.
    mutating func writeWeights(
        of session: Session,
        outputShape: [Int],
        progress: (_ fraction: Double) -> Void
    ) throws(RunError) -> WeightsSummary? {
        guard var file = weights.take() else { return nil }
        return try session.expected.writeWeights(
            to: &file,
            outputShape: outputShape,
            progress: progress
        )
    }
}
