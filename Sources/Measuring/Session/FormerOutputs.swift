import Attention
import Work

/// The right outputs for the seeds of an audit so far, as a checksum of every row.
///
/// In an audit every round has a different seed. So an output that a worker, or anything between,
/// kept from an earlier trial cannot pass for a computed one.
struct FormerOutputs {
    private var checksums: [[UInt64]] = []
    private(set) var equalSeeds = 0
    private var lastMain: [UInt64]?

    var isEmpty: Bool { checksums.isEmpty }

    /// Adds the right output for the next seed.
    ///
    /// `isMain` says that it is that of one process; outputs of other instruction sets are not compared with
    /// those of the seed before.
    @unsafe
    mutating func append(
        _ output: UnsafePointer<Float>,
        _ problem: AttentionProblem,
        isMain: Bool
    ) {
        let rows = 0..<problem.outputShape.sliceCount * problem.outputShape.queryLength
        let next = rows.map { unsafe checksum(output, $0, problem) }
        if isMain {
            if next == lastMain { equalSeeds += 1 }
            lastMain = next
        }
        checksums.append(next)
    }

    /// Whether a row of an output is that of an earlier seed's output, or right.
    @unsafe
    func contain(_ row: Int, of output: UnsafePointer<Float>, _ problem: AttentionProblem) -> Bool {
        let found = unsafe checksum(output, row, problem)
        return checksums.contains { $0[row] == found }
    }

    @unsafe
    private func checksum(
        _ output: UnsafePointer<Float>,
        _ row: Int,
        _ problem: AttentionProblem
    ) -> UInt64 {
        let columns = problem.outputShape.valueDimension
        let start = unsafe UnsafeRawPointer(output + row * columns)
        let bytes = unsafe Span(
            _unsafeStart: start.assumingMemoryBound(to: UInt8.self),
            count: columns * 4
        )
        return Checksum.xxh64(bytes)
    }
}
