import Attention
import Host
import Platform
import Record
import Statistics

/// The measurement of many problems on several instruction sets in one process.
package struct KernelMeasurement {
    package var cases: [any KernelCase]
    /// The strongest last; the roofs are its.
    package var kernels: [AttentionKernel]
    package var threads: Int
    package var seed: UInt64
    /// For each row.
    package var budgetSeconds: Double
    /// Visits to each row.
    package var replicates: Int

    package init(
        cases: [any KernelCase],
        kernels: [AttentionKernel],
        threads: Int,
        seed: UInt64,
        budgetSeconds: Double,
        replicates: Int
    ) {
        self.cases = cases
        self.kernels = kernels
        self.threads = threads
        self.seed = seed
        self.budgetSeconds = budgetSeconds
        self.replicates = replicates
    }

    /// Visits every row in turn, and rewrites the record after a visit.
    package func measure(
        into store: consuming RecordStore,
        interruption: Interruption,
        progress: ProgressReport
    ) throws -> Measured<KernelRecord> {
        let strongest = kernels[kernels.count - 1]
        var record = KernelRecord(
            host: .measuring(),
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            roofs: try KernelRoofs.measure(strongest, interruption: interruption)
        )
        let loadBefore = MachineLoad.current()
        let benchmarks = benchmarks(interruption)
        let failure = visit(benchmarks, interruption, progress) {
            store.keep {
                record.rows = benchmarks.compactMap(\.row)
                return record.rows.isEmpty ? nil : record
            }
        }
        record.rows = benchmarks.compactMap(\.row)
        if let failure, record.rows.isEmpty { return Measured(nil, failure: failure) }
        record.warnings = record.measurementWarnings(
            loads: (loadBefore, .current()),
            peakAfter: KernelRoofs.fmaGigaflopsPerSecond(strongest)
        )
        record.close(failure?.description, plannedRows: benchmarks.count)
        record.exitCode = failure?.exitCode ?? record.ending.code
        let obstacle = store.finish(record)
        return Measured(
            record,
            path: obstacle == nil ? store.path : nil,
            failure: failure ?? obstacle
        )
    }

    private func benchmarks(_ interruption: Interruption) -> [KernelBenchmark] {
        let roofs = kernels.map { KernelRoofs($0) }
        return cases.flatMap { benchmark in
            roofs.map {
                KernelBenchmark(
                    benchmark,
                    roofs: $0,
                    threads: threads,
                    seed: seed,
                    budgetNanoseconds: UInt64(budgetSeconds * 1e9),
                    replicates: replicates,
                    interruption: interruption
                )
            }
        }
    }

    /// Visits every row as often as it needs, and calls `keep` after each visit.
    ///
    /// Returns the reason for an early stop, if there was one.
    private func visit(
        _ benchmarks: [KernelBenchmark],
        _ interruption: Interruption,
        _ progress: ProgressReport,
        keep: () -> Void
    ) -> RunError? {
        let total = benchmarks.reduce(0) { $0 + $1.visitCount }
        var done = 0
        do throws(RunError) {
            for visit in 0..<replicates {
                for benchmark in benchmarks where visit < benchmark.visitCount {
                    try interruption.check()
                    progress(Double(done) / Double(total)) { benchmark.title }
                    try benchmark.visit()
                    done += 1
                    keep()
                }
            }
            return nil
        } catch {
            return error
        }
    }
}
