import Files
import Host
import Plan
import Statistics

/// How often the 95 % intervals of a sweep held the true value.
///
/// In these sweeps everything was measured twice, so the true ratio of a copy to its copy is 1.
package struct CopiesRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable {
        case copies = "headwise.copies/1"
    }

    /// One sweep; a line of the file that they are gathered in.
    package struct Sweep: Codable, Equatable, Sendable {
        package var started: String
        /// Busy processes that ran beside the sweep on purpose.
        package var neighbours: Int
        /// One copy of the base case over the other.
        package var base: Estimate
        /// One cluster of one worker over the other.
        package var cluster: Estimate
        /// The efficiency of the first cluster by the first base case.
        package var efficiency: Estimate
        package var rounds: Int
        /// Whether most trials of a configuration were disturbed.
        package var isDisturbed: Bool

        package init(
            started: String,
            neighbours: Int,
            base: Estimate,
            cluster: Estimate,
            efficiency: Estimate,
            rounds: Int,
            isDisturbed: Bool
        ) {
            self.started = started
            self.neighbours = neighbours
            self.base = base
            self.cluster = cluster
            self.efficiency = efficiency
            self.rounds = rounds
            self.isDisturbed = isDisturbed
        }
    }

    /// Sweeps with or without neighbours.
    package struct Count: Codable, Equatable, Sendable {
        package var areLoaded: Bool
        package var sweeps: Int
        /// The sweeps whose base-case interval holds 1.
        package var baseHeld: Int
        package var clusterHeld: Int
        package var disturbed: Int
        /// The smallest and the largest efficiency of one worker.
        package var leastEfficiency: Double
        package var largestEfficiency: Double
    }

    package private(set) var schema = Schema.copies
    package var host: HostDescription
    package var commandLine: [String]
    package var plan: RunPlan
    package var counts: [Count]
    package var sweeps: [Sweep]

    package init(
        plan: RunPlan,
        host: HostDescription,
        commandLine: [String],
        sweeps: [Sweep]
    ) {
        self.plan = plan
        self.host = host
        self.commandLine = commandLine
        self.sweeps = sweeps
        counts = [false, true].compactMap { areLoaded in
            let some = sweeps.filter { ($0.neighbours > 0) == areLoaded }
            let efficiencies = some.map(\.efficiency.value)
            guard let least = efficiencies.min(), let largest = efficiencies.max() else {
                return nil
            }
            return Count(
                areLoaded: areLoaded,
                sweeps: some.count,
                baseHeld: some.count { $0.base.holdsOne },
                clusterHeld: some.count { $0.cluster.holdsOne },
                disturbed: some.count(where: \.isDisturbed),
                leastEfficiency: least,
                largestEfficiency: largest
            )
        }
    }

    /// Reads lines that each are a sweep.
    package static func readSweeps(_ path: String) throws(ExperimentError) -> [Sweep] {
        try JSONText.decodeLines(of: path, noun: "line that 'headwise copies' printed")
    }
}

extension Estimate {
    /// Whether the interval holds 1; false when there is no interval.
    fileprivate var holdsOne: Bool {
        guard let lowerBound, let upperBound else { return false }
        return lowerBound <= 1 && upperBound >= 1
    }
}
