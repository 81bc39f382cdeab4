import Attention
import Statistics

/// One process without ZeroMQ and its samples: what a cluster is compared with.
///
/// A class, since rounds add to it one sample at a time.
package final class MeasuredBaseCase {
    package let threads: Int
    let problem: AttentionProblem
    /// Counts the visible (query, key) pairs only.
    let floatingPointOperations: Double
    /// The process of the current replicate.
    private(set) var process: BaseCaseProcess?
    package private(set) var samples: [BaseSample] = []
    /// Trials, warm-up included, whose output differed from the reference in at least one bit.
    package var mismatchedTrials = 0

    init(threads: Int, problem: AttentionProblem, floatingPointOperations: Double) {
        self.threads = threads
        self.problem = problem
        self.floatingPointOperations = floatingPointOperations
    }

    package var replicateSamples: [ReplicateSample] {
        samples.map {
            ReplicateSample(nanoseconds: Double($0.wallNanoseconds), replicate: $0.replicate)
        }
    }

    /// Takes the process of a new replicate.
    func begin(_ process: BaseCaseProcess) { self.process = process }

    func endProcess() { process = nil }

    func note(_ times: ProcessTimes, replicate: Int) {
        samples.append(
            BaseSample(
                replicate: replicate,
                wallNanoseconds: times.wallNanoseconds,
                cpuNanoseconds: times.cpuNanoseconds,
                offCoreNanoseconds: times.offCoreNanoseconds
            )
        )
    }
}

/// One trial of a base case.
package struct BaseSample: Equatable, Sendable {
    package var replicate: Int
    package var wallNanoseconds: UInt64
    package var cpuNanoseconds: UInt64
    package var offCoreNanoseconds: UInt64
}
