import Files
import Work

extension Launch {
    /// Reads the text of `--launch`, or says what is wrong with it.
    package init(flag text: String) throws(ExperimentError) {
        do throws(LaunchFault) {
            try self.init(text)
        } catch {
            throw ExperimentError(
                .usage,
                "--launch \(text.isEmpty ? "''" : text)",
                error.problem,
                expected: Self.known,
                remedy: error.remedy
            )
        }
    }
}

extension Launch: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(flag: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension RunPlan.Arrangement {
    /// The longest that a run waits for its workers: a day in a queue.
    package static let longestJoinSeconds = 86_400

    /// Refuses what workers cannot do that another program starts: they share no memory with this one,
    /// which does not know their processors either.
    func validateLaunch() throws(ExperimentError) {
        if let joinDeadline {
            try require(
                "--join-deadline",
                joinDeadline,
                in: 1...Self.longestJoinSeconds,
                "the seconds that workers have to come"
            )
        }
        if let minWorkers {
            guard !launch.isLocal else {
                throw ExperimentError(
                    .usage,
                    "--min-workers \(minWorkers)",
                    "is for workers that another program starts, but --launch is local",
                    expected: "--launch, or no --min-workers",
                    remedy: "leave --min-workers out"
                )
            }
            try require(
                "--min-workers",
                minWorkers,
                in: 1...max(1, workers.max() ?? 1),
                "a number of workers that are enough"
            )
        }
        guard !launch.isLocal else { return }
        func refused(_ flag: String, _ problem: String, _ choice: String) -> ExperimentError {
            ExperimentError(
                .usage,
                flag,
                "\(problem), but --launch \(launch) starts workers that are not this program's",
                expected: choice,
                remedy: "use \(choice)"
            )
        }
        if let plane = plane.name, plane.sharesMemory {
            throw refused(
                "--plane \(plane.rawValue)",
                "needs memory that processes share",
                "--plane inline or resident"
            )
        }
        if outputs == .shared {
            throw refused(
                "--outputs shared",
                "needs memory that processes share",
                "--outputs messages"
            )
        }
        if case .processors = pin {
            throw refused(
                "--pin \(pin)",
                "names processors of this machine",
                "--pin none, and 'headwise worker --cpus' or the launcher's own binding"
            )
        }
    }
}
