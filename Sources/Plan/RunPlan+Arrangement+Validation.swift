import Attention
import Files

extension RunPlan.Arrangement {
    /// Refuses what cannot be started here.
    func validate(isSweep: Bool) throws(ExperimentError) {
        let list = workers.map(String.init).joined(separator: ",")
        guard !workers.isEmpty, Set(workers).count == workers.count else {
            throw ExperimentError(
                .usage,
                workers.isEmpty ? "--workers" : "--workers \(list)",
                workers.isEmpty ? "has no count" : "has a count twice",
                expected: "one or more different worker counts",
                remedy: "write for example --workers 1,2,4"
            )
        }
        for count in workers {
            try require(
                "--workers",
                count,
                in: 1...RunPlan.largestWorkerCount,
                "a number of worker processes"
            )
        }
        guard isSweep || workers.count == 1 else {
            throw ExperimentError(
                .usage,
                "--workers \(list)",
                "has \(workers.count) counts, but this is a single run",
                expected: "one worker count",
                remedy: "give one count, or use headwise scale"
            )
        }
        try require(
            "--threads",
            threads,
            in: 1...RunPlan.largestWorkerCount,
            "a number of threads per worker"
        )
        try require(
            "--credit",
            credit,
            in: 1...RunPlan.largestCredit,
            "a number of shards that a worker may hold"
        )
        for (flag, value, kind) in [
            ("--keys", keys, "the path of a folder"),
            ("--bind", bind, "an address or an interface"),
        ] {
            guard let value else { continue }
            guard !value.isEmpty else {
                throw ExperimentError(
                    .usage,
                    flag,
                    "is empty",
                    expected: kind,
                    remedy: "give one, or leave \(flag) out"
                )
            }
            guard transport == .tcp else {
                throw ExperimentError(
                    .usage,
                    "\(flag) \(value)",
                    "has no meaning over --transport \(transport.rawValue)",
                    expected: "--transport tcp",
                    remedy: "add it, or leave \(flag) out"
                )
            }
        }
        try validateLaunch()
    }
}
