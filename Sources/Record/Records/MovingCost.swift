import Files
import Platform

/// What it took to move tensors in a trial of a point: bytes, and the time of processors.
///
/// All means are over the trials of `samples`.
package struct MovingCost: Codable, Equatable, Sendable {
    /// The bytes of the tensors that have to go to the workers in a trial, each once, in messages or by
    /// copying.
    package var leastBytesSent: UInt64
    /// The bytes of the outputs that have to come back, each once; 0 where workers write them in their place.
    package var leastBytesReceived: UInt64
    /// The bytes that travelled in messages on average, both ways, headers included.
    package private(set) var messageBytes: Double
    /// CPU time of all processes beyond that of the threads that compute, in a trial on average; absent
    /// where nobody can tell.
    package private(set) var cpuNanoseconds: Double?
    /// That time in milliseconds of one core for each MiB that travelled in messages; absent where no
    /// tensor does, or others are copied at the same time.
    package private(set) var coreMillisecondsPerMebibyte: Double?

    /// Nil when there are no samples, or these do not tell; `usesMessages` says whether tensors travel
    /// in messages, and none is copied instead.
    package init?(
        _ samples: [TrialSample],
        leastBytesSent: UInt64,
        leastBytesReceived: UInt64,
        usesMessages: Bool
    ) {
        let workers = samples.flatMap(\.workers)
        let messages = workers.compactMap(\.messageBytes)
        guard !samples.isEmpty, messages.count == workers.count else { return nil }
        let trials = Double(samples.count)
        let bytes = messages.reduce(0) { $0 + Double($1) }
        self.leastBytesSent = leastBytesSent
        self.leastBytesReceived = leastBytesReceived
        messageBytes = bytes / trials
        // Of short trials, only some tell.
        let told = samples.compactMap { sample in
            ProcessorUse.cpuNanosecondsBesideComputing(
                coordinator: sample.cpuNanoseconds,
                workers: sample.workers.map { ($0.cpuNanoseconds, $0.computeCPUNanoseconds) }
            ).map { (sample: sample, nanoseconds: $0) }
        }
        guard !told.isEmpty else { return }
        // Of short trials, those of threads that ran between two readings may outweigh the rest.
        let nanoseconds = max(told.reduce(0) { $0 + $1.nanoseconds }, 0)
        cpuNanoseconds = nanoseconds / Double(told.count)
        guard usesMessages else { return }
        let moved = told.flatMap(\.sample.workers).reduce(0) { $0 + Double($1.messageBytes ?? 0) }
        coreMillisecondsPerMebibyte = (nanoseconds / 1e6 / (moved / 0x1p20)).finiteOrNil
    }
}

extension MovingCost {
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireNotNegative(messageBytes, "messageBytes")
        try place.requireNotNegative(cpuNanoseconds, "cpuNanoseconds")
        try place.requireNotNegative(coreMillisecondsPerMebibyte, "coreMillisecondsPerMebibyte")
    }
}
