/// How the workers of a cluster are spread over processes: by rank, as many in each, and what is left in the
/// last.
///
/// Workers that compute have a process each. Emulated ones only wait; above 64, several share a process, so
/// that one wake-up of its thread serves several.
package struct WorkerProcesses: Hashable, Sendable {
    package let workers: Int
    /// Workers of each process; the last may have fewer.
    package let perProcess: Int

    /// Emulated workers have no more processes than this.
    package static let mostOfEmulated = 64

    package init(workers: Int, perProcess: Int = 1) {
        precondition(workers >= 0 && perProcess >= 1, "a process has a worker or more")
        self.workers = workers
        self.perProcess = perProcess
    }

    /// The processes of workers that wait instead of computing.
    package init(emulated workers: Int) {
        self.init(workers: workers, perProcess: max(1, Self.divided(workers, Self.mostOfEmulated)))
    }

    package var count: Int { Self.divided(workers, perProcess) }

    /// The ranks of each process.
    package var ranks: [Range<Int>] {
        (0..<count).map { $0 * perProcess..<min(($0 + 1) * perProcess, workers) }
    }

    /// Workers of each process where that is news; nil where each has one.
    package var sharing: Int? { perProcess > 1 ? perProcess : nil }

    /// `number` over `divisor`, rounded up.
    private static func divided(_ number: Int, _ divisor: Int) -> Int {
        (number + divisor - 1) / divisor
    }
}
