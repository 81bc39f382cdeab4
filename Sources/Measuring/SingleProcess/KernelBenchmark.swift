import Attention
import Platform
import Record
import Statistics

/// Times one case with the kernel of one instruction set, beside the roofs measured in turn.
///
/// A shared machine can be slower for several seconds, longer than one row takes. So a row is
/// visited several times, with the other rows between. Each visit makes new tensors, at new
/// addresses, and is a separate replicate.
package final class KernelBenchmark {
    private static let shortestSample: UInt64 = 2_000_000
    private static let largestSampleCount = 1000
    /// The fewest samples that give the median an interval when there is only one visit.
    private static let leastSampleCount = 6

    private let benchmark: any KernelCase
    /// Whether reading memory may be the limit of the kernel's speed.
    ///
    /// Making such tensors takes longer than measuring, so they are made once and visited once.
    private let isLarge: Bool
    private let roofs: KernelRoofs
    private let threads: Int
    private let seed: UInt64
    private let budgetNanoseconds: UInt64
    /// How often the benchmark visits this row of the table; each visit is a replicate.
    package let visitCount: Int
    private let interruption: Interruption

    private var samples: [UInt64] = []
    private var replicates: [Int] = []
    private var peaks: [Double] = []
    private var tanhRates: [Double] = []
    private var reads: [Double] = []
    private var tanhs = 0.0
    private var operations = 0.0
    private var report: VerificationReport?

    package init(
        _ benchmark: any KernelCase,
        roofs: KernelRoofs,
        threads: Int,
        seed: UInt64,
        budgetNanoseconds: UInt64,
        replicates: Int,
        interruption: Interruption
    ) {
        self.benchmark = benchmark
        self.roofs = roofs
        self.threads = threads
        self.seed = seed
        self.budgetNanoseconds = budgetNanoseconds
        isLarge = benchmark.tensorBytes >= KernelRoof.leastReadBytes
        visitCount = isLarge ? 1 : replicates
        self.interruption = interruption
    }

    /// The title in a progress line: `avx2, N 1024, D 64, causal`.
    package var title: String {
        "\(roofs.kernel.instructionSet.rawValue), \(benchmark.title)"
    }

    /// Runs kernel and probes in turn for this visit's share of the budget, or until the fewest
    /// samples are taken.
    package func visit() throws(RunError) {
        let team = ThreadTeam(threadCount: threads, cancellation: interruption.cancellation)
        let prepared = try benchmark.prepare(roofs.kernel, team, seed: seed)
        operations = prepared.operations
        tanhs = prepared.tanhs
        func run(_ times: UInt64) -> UInt64 {
            let start = Clock.nanoseconds
            for _ in 0..<times { prepared.run() }
            return max(1, (Clock.nanoseconds - start) / times)
        }
        let start = Clock.nanoseconds
        // Short problems are repeated until a sample is long enough for the clock and the probe.
        var single = run(1)
        if single < 2 * Self.shortestSample { single = run(1) }
        let repetitions = max(1, Self.shortestSample / single)
        let replicate = (replicates.last ?? -1) + 1
        let least = visitCount == 1 ? Self.leastSampleCount : 1
        let most = max(1, Self.largestSampleCount / visitCount)
        let nanoseconds = budgetNanoseconds / UInt64(visitCount)
        var count = 0
        while count < least || (count < most && Clock.nanoseconds - start < nanoseconds) {
            peaks.append(roofs.fmaGigaflopsPerSecond())
            if tanhs > 0 { tanhRates.append(try roofs.tanhPerNanosecond()) }
            if isLarge { reads.append(try roofs.readGigabytesPerSecond(threads: threads)) }
            let sample = run(repetitions)
            try interruption.check()
            samples.append(sample)
            replicates.append(replicate)
            count += 1
        }
        if report == nil { report = prepared.verify() }
    }

    /// The result of all visits; nil before the first.
    ///
    /// A roof is the median of the probes of the same visits, which had the same clock rate and the
    /// same neighbours. If those probes were slower than the kernel itself, another process had the
    /// core; then the highest value of any probe of the run is used instead. This highest value is
    /// also the roof for the fastest tenth.
    package var row: KernelRow? {
        let taken = zip(samples, replicates).map {
            ReplicateSample(nanoseconds: Double($0), replicate: $1)
        }
        guard let summary = SampleSummary(taken), let report,
            let seenPeak = SampleSummary(nanoseconds: peaks)?.medianNanoseconds
        else { return nil }
        let bytes = benchmark.tensorBytes
        let median = summary.medianNanoseconds
        let rate = operations / median
        let highestPeak = roofs.highestFMAGigaflopsPerSecond(threads: threads)
        let peak = rate > seenPeak * Double(threads) ? highestPeak : seenPeak * Double(threads)
        let highestRead = roofs.highestReadGigabytesPerSecond(threads: threads)
        let read = SampleSummary(nanoseconds: reads).map { seen in
            Double(bytes) / median > seen.medianNanoseconds
                ? highestRead : seen.medianNanoseconds
        }
        let tanh = SampleSummary(nanoseconds: tanhRates)?.medianNanoseconds
        /// The time at the nearest roof.
        func ideal(
            _ peak: Double,
            _ read: Double?,
            _ tanh: Double?
        ) -> (nanoseconds: Double, by: KernelRoof.Kind) {
            let times: [(nanoseconds: Double, by: KernelRoof.Kind)] = [
                (operations / peak, .fma),
                (read.map { Double(bytes) / $0 } ?? 0, .read),
                (tanh.map { tanhs / $0 } ?? 0, .tanh),
            ]
            return times.reduce(times[0]) { $1.nanoseconds > $0.nanoseconds ? $1 : $0 }
        }
        let bound = ideal(peak, read, tanh.map { $0 * Double(threads) })
        let best = ideal(
            highestPeak,
            read == nil ? nil : highestRead,
            tanh == nil ? nil : roofs.highestTanhPerNanosecond(threads: threads)
        )
        let fastest = SampleSummary.quantile(0.1, ofSorted: taken.map(\.nanoseconds).sorted())
        var row = KernelRow(
            instructionSet: roofs.kernel.instructionSet,
            threads: threads,
            samplesNanoseconds: samples,
            replicates: replicates,
            summary: summary,
            gigaflopsPerSecond: rate,
            fractionOfPeak: rate / peak,
            peakGigaflopsPerSecond: peak,
            maxAbsoluteError: report.maxAbsoluteError
        )
        benchmark.describe(&row)
        row.status = report.status
        row.roof = KernelRoof(
            boundBy: bound.by,
            fraction: bound.nanoseconds / median,
            fractionAtBest: best.nanoseconds / max(fastest, 1),
            tensorBytes: bytes,
            readGigabytesPerSecond: read
        )
        return row
    }
}
