import Attention
import Cluster
import Platform
import Work

/// Single trials on demand, for a comparison that interleaves them with those of another process.
extension Session {
    /// Computes what every output must equal, and starts the clusters.
    ///
    /// No base case is measured: both sides of a comparison would have the same one.
    package func prepareTrials() throws(ClusterError) {
        try computeReference()
        try makePoints()
        try startReplicate(0) { _ in }
    }

    /// Runs one trial of a point.
    ///
    /// - Returns: Its wall time, and whether every bit of the output was the single process's.
    /// - Throws: What stopped it, which a lost worker is too: the others may have finished, but not
    ///   in a time that says anything.
    package func runTrial(
        ofPoint index: Int
    ) throws(ClusterError) -> (wallNanoseconds: UInt64, isOutputEqual: Bool) {
        try interruption.check()
        let point = points[index]
        guard let cluster = point.cluster else {
            preconditionFailure("trials must be prepared before they are run")
        }
        let output = unsafe output(of: point)
        unsafe poison(output, point.problem)
        let report = try unsafe cluster.runTrial(
            point.shardPlan,
            output: UnsafeMutableRawPointer(output),
            secondsPerQueryBlock: secondsPerQueryBlock
        )
        try interruption.check()
        try requireWhole(point)
        let comparison = unsafe BitwiseComparison(
            output,
            reference.floats,
            shape: point.problem.shape
        )
        return (report.wallNanoseconds, comparison.isEqual)
    }

    /// Throws if a worker of the point was lost.
    func requireWhole(_ point: MeasuredPoint) throws(ClusterError) {
        // A worker that was silent for a while and answers again is still the same worker.
        if let cluster = point.cluster, cluster.liveWorkerCount < point.workers,
            let fault = cluster.faults.last
        {
            throw ClusterError(
                .unfinished,
                "worker \(fault.ordinal) of \(point.workers) was lost (\(fault.reason)), so the "
                    + "trial has no time; find the cause with 'headwise run' first"
            )
        }
    }

    /// A checksum of what every output must equal.
    package var outputChecksum: String {
        let bytes = unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(reference.base).assumingMemoryBound(to: UInt8.self),
            count: reference.byteCount
        )
        return String(Checksum.xxh64(unsafe Span(_unsafeElements: bytes)), radix: 16)
    }

    /// Verifies the output of a point's last trial against the single process and the float64
    /// reference.
    ///
    /// Then every point runs a trial with other inputs.
    ///
    /// - Throws: What the latter found, if an output was kept or is wrong.
    package func verifyOutput(ofPoint index: Int) throws(ClusterError) -> VerificationReport {
        let point = points[index]
        let report = try unsafe verify(output(of: point), point.problem)
        try proveAll()
        return report
    }
}
