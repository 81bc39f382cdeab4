import Attention
import Record
import Statistics

extension RunRecord {
    /// One row for every trial of every base case and point.
    ///
    /// - `schema`, `started`, `fingerprint`: whose record it is.
    /// - `configuration`: `process` for a base case, `cluster` for a point.
    /// - `workers`: worker processes; 0 for a base case. `threads`: of each process.
    /// - `replicate`: counted from 0. `trial`: counted from 1 through all replicates.
    /// - `wall_nanoseconds`: the trial. `is_outlier`: 1 or 0.
    /// - `compute_nanoseconds` to `idle_nanoseconds`, `bytes_in`, `bytes_out`: sums over workers.
    /// - `status`: what the verification of the point found.
    /// - `standing`: of the whole record: VALID, INVALID, DISTURBED, UNFINISHED, or INVALID or
    ///   DISTURBED followed by a blank and UNFINISHED; of tasks that nobody computed, EMPTY or EMULATED in
    ///   front of that, and in place of VALID.
    /// - `cpu_nanoseconds`: CPU time of a base case's compute threads, or of all worker processes.
    ///   `off_core_nanoseconds`: time for which other processes had the core of a compute thread;
    ///   for workers the sum.
    /// - `compute_cpu_nanoseconds`: of this CPU time, that of threads that compute. `message_bytes`: of the
    ///   bytes, those in messages. `voluntary_switches`, `involuntary_switches`: of the process, or of all
    ///   workers. The same of the coordinator: `coordinator_…`.
    package var samples: SampleRows {
        let columns = [
            "schema", "started", "fingerprint", "configuration", "workers", "threads", "replicate",
            "trial", "wall_nanoseconds", "is_outlier", "compute_nanoseconds", "queue_nanoseconds",
            "transfer_nanoseconds", "merge_nanoseconds", "idle_nanoseconds", "bytes_in",
            "bytes_out",
            "status", "standing", "cpu_nanoseconds", "off_core_nanoseconds",
            "compute_cpu_nanoseconds", "voluntary_switches", "involuntary_switches",
            "message_bytes",
            "coordinator_cpu_nanoseconds", "coordinator_voluntary_switches",
            "coordinator_involuntary_switches",
        ]
        let identity = [schema.rawValue, started, host.fingerprint]
        var rows: [[String]] = []
        for base in baseCases {
            let marks = outliers(base.samplesNanoseconds)
            for (trial, sample) in base.samplesNanoseconds.enumerated() {
                rows.append(
                    identity + [
                        "process", "0", "\(base.threads)", item(base.replicates, trial),
                        "\(trial + 1)", "\(sample)", marks[trial],
                    ] + [String](repeating: "", count: 8) + [
                        standing, item(base.cpuNanoseconds, trial),
                        item(base.offCoreNanoseconds, trial), item(base.cpuNanoseconds, trial),
                        item(base.voluntarySwitches, trial), item(base.involuntarySwitches, trial),
                    ] + [String](repeating: "", count: 4)
                )
            }
        }
        for point in points {
            let marks = outliers(point.samples.map(\.wallNanoseconds))
            let status = point.verification.status.rawValue
            for (index, sample) in point.samples.enumerated() {
                rows.append(
                    identity + [
                        "cluster", "\(point.workers)", "\(point.threads)",
                        field(sample.replicate), "\(sample.trial)",
                        "\(sample.wallNanoseconds)", marks[index],
                    ] + sums(sample.workers, parts) + [status, standing]
                        + sums(sample.workers, times)
                        + [
                            field(sample.cpuNanoseconds), field(sample.voluntarySwitches),
                            field(sample.involuntarySwitches),
                        ]
                )
            }
        }
        return SampleRows(columns: columns, rows: rows)
    }
}

extension KernelRecord {
    /// One row for every sample; `trial` is the place among the samples of a row, from 1; `case` the
    /// name of a row of the suite.
    package var samples: SampleRows {
        let columns = [
            "schema", "started", "fingerprint", "instruction_set", "threads", "batch", "heads",
            "key_value_heads", "query_length", "key_length", "head_dimension", "value_dimension",
            "mask", "replicate", "trial", "wall_nanoseconds", "is_outlier", "standing", "case",
            "product_rows", "product_columns", "product_depth",
        ]
        var rows: [[String]] = []
        for row in self.rows {
            let shape = row.shape
            let marks = outliers(row.samplesNanoseconds)
            let attention = [
                shape?.batch, shape?.heads, shape?.keyValueHeads, shape?.queryLength,
                shape?.keyLength, shape?.headDimension, shape?.valueDimension,
            ]
            let product = [row.product?.rows, row.product?.columns, row.product?.depth]
            for (trial, sample) in row.samplesNanoseconds.enumerated() {
                let identity = [
                    schema.rawValue, started, host.fingerprint, row.instructionSet.rawValue,
                    "\(row.threads)",
                ]
                let measured = [
                    field(row.mask), item(row.replicates, trial), "\(trial + 1)", "\(sample)",
                    marks[trial], standing, field(row.name),
                ]
                rows.append(
                    identity + attention.map(field) + measured + product.map(field)
                )
            }
        }
        return SampleRows(columns: columns, rows: rows)
    }
}

private let parts: [@Sendable (WorkerSample) -> UInt64?] = [
    { $0.computeNanoseconds }, { $0.queueNanoseconds }, { $0.transferNanoseconds },
    { $0.mergeNanoseconds }, { $0.idleNanoseconds }, { $0.bytesIn }, { $0.bytesOut },
]

private let times: [@Sendable (WorkerSample) -> UInt64?] = [
    { $0.cpuNanoseconds }, { $0.offCoreNanoseconds }, { $0.computeCPUNanoseconds },
    { $0.voluntarySwitches }, { $0.involuntarySwitches }, { $0.messageBytes },
]

/// Empty if a worker does not report the value, or if the sum overflows: a record may hold any
/// numbers, and they must not end the program.
private func sums(
    _ workers: [WorkerSample],
    _ parts: [@Sendable (WorkerSample) -> UInt64?]
) -> [String] {
    parts.map { part in
        let sum = workers.reduce(0 as UInt64?) { sum, worker in
            guard let sum, let own = part(worker) else { return nil }
            let (total, overflows) = sum.addingReportingOverflow(own)
            return overflows ? nil : total
        }
        return field(sum)
    }
}

private func item(_ numbers: [some BinaryInteger]?, _ index: Int) -> String {
    guard let numbers, numbers.indices.contains(index) else { return "" }
    return "\(numbers[index])"
}

private func outliers(_ samples: [UInt64]) -> [String] {
    let places = Set(SampleSummary.outlierIndices(samples.map { Double($0) }))
    return samples.indices.map { places.contains($0) ? "1" : "0" }
}
