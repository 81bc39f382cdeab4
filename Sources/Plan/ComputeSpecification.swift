import Files
import Work

/// What workers do with tasks: the text of `--compute`.
package enum ComputeSpecification: Hashable, Sendable {
    /// They compute them.
    case kernel
    /// Nothing: the tasks are empty.
    case none
    /// They wait as long as one thread of this machine takes for each task, or for each this long.
    case emulate(nanoseconds: UInt64?)

    /// Reads the text of `--compute`; `known` are the words that may be there.
    package init(
        _ text: String,
        known: String = "kernel, none, emulate, or emulate:TIME"
    ) throws(ExperimentError) {
        switch text {
        case "kernel": self = .kernel
        case "none": self = .none
        case "emulate": self = .emulate(nanoseconds: nil)
        default:
            let prefix = "emulate:"
            guard text.hasPrefix(prefix),
                let time = TimeSpecification.nanoseconds(text.dropFirst(prefix.count)),
                time <= Self.longestNanoseconds
            else {
                throw ExperimentError(
                    .usage,
                    "--compute \(text.isEmpty ? "''" : text)",
                    "is not known",
                    expected: "\(known) with a time from 1ns to 100s",
                    remedy: "write for example --compute none or --compute emulate:1ms"
                )
            }
            self = .emulate(nanoseconds: time)
        }
    }

    private static let longestNanoseconds: UInt64 = 100_000_000_000

    /// What is written wherever figures are shown that are none of the real work: `EMPTY`, `EMULATED`.
    package var mark: String? {
        switch self {
        case .kernel: nil
        case .none: "EMPTY"
        case .emulate: "EMULATED"
        }
    }

    /// The mark with what it means: `EMPTY: workers compute nothing`.
    package var markInWords: String? {
        switch self {
        case .kernel: nil
        case .none: "EMPTY: workers compute nothing"
        case .emulate(nil): "EMULATED: workers wait as long as one thread would compute"
        case .emulate(let time?):
            "EMULATED: workers wait \(TimeSpecification.text(time)) for each task"
        }
    }
}

extension ComputeSpecification: CustomStringConvertible {
    /// The text that a plan has: `emulate:1ms`.
    package var description: String {
        switch self {
        case .kernel: "kernel"
        case .none: "none"
        case .emulate(nil): "emulate"
        case .emulate(let time?): "emulate:\(TimeSpecification.text(time))"
        }
    }
}

extension ComputeSpecification: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension RunPlan {
    /// How many processes the workers of a point have: emulated ones may share some.
    package func processes(workers: Int) -> WorkerProcesses {
        sharesProcesses ? WorkerProcesses(emulated: workers) : WorkerProcesses(workers: workers)
    }

    /// Whether many workers share processes.
    package var sharesProcesses: Bool {
        guard case .emulate = arrangement.compute else { return false }
        return arrangement.launch.isLocal
    }

    /// Refuses what needs outputs where workers compute none.
    func validateCompute() throws(ExperimentError) {
        let compute = arrangement.compute
        guard compute != .kernel else { return }
        let asked: [(flag: String, isAsked: Bool)] = [
            ("--output \(sampling.output ?? "")", sampling.output != nil),
            ("--weights \(sampling.weights ?? "")", sampling.weights != nil),
            ("--audit", sampling.audit),
            ("--verify \(sampling.verify.rawValue)", sampling.verify != .none),
        ]
        if let (flag, _) = asked.first(where: \.isAsked) {
            throw ExperimentError(
                .usage,
                flag,
                "needs outputs, but with --compute \(compute) nothing is computed",
                expected: "--verify none, and no --output, --weights or --audit, with it",
                remedy: "leave \(flag) out, or --compute"
            )
        }
        guard arrangement.threads == 1 else {
            throw ExperimentError(
                .usage,
                "--threads \(arrangement.threads)",
                "has no effect with --compute \(compute)",
                expected: "1, because no thread computes",
                remedy: "leave --threads out, or --compute"
            )
        }
        guard compute == .emulate(nanoseconds: nil),
            problem.attentionProblem().stages.count > 1
        else { return }
        throw ExperimentError(
            .usage,
            "--compute emulate",
            "knows no times for the stages of --operation \(problem.operation.rawValue)"
                + (problem.linformer == nil ? "" : " with --linformer"),
            expected: "one stage, or a time for each task",
            remedy: "write for example --compute emulate:1ms"
        )
    }
}
