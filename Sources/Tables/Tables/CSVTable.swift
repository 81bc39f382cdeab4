import Attention
import Record
import Statistics

/// The samples of a record as comma-separated values, one row each, for a spreadsheet or a script.
///
/// The format of RFC 4180: a header, lines that end in a carriage return and a line feed, quotes
/// around a field with a comma or a quote. A control character is shown as `\u{a}`, so that every
/// row is one line. Columns keep their names and their order; new ones come last. A value that does
/// not exist is empty.
package enum CSVTable {
    /// Of a run or a sweep.
    ///
    /// - `schema`, `started`, `fingerprint`: whose record it is.
    /// - `configuration`: `process` for a base case, `cluster` for a point.
    /// - `workers`: worker processes; 0 for a base case. `threads`: of each process.
    /// - `replicate`, `trial`: counted from 0; for a base case the place among its samples.
    /// - `wall_nanoseconds`: the trial. `is_outlier`: 1 or 0.
    /// - `compute_nanoseconds` to `idle_nanoseconds`, `bytes_in`, `bytes_out`: sums over workers.
    /// - `status`: what the verification of the point found.
    /// - `standing`: of the whole record: VALID, INVALID, DISTURBED, UNFINISHED, or INVALID or
    ///   DISTURBED followed by a blank and UNFINISHED.
    /// - `cpu_nanoseconds`: CPU time of a base case's compute threads, or of all worker processes.
    ///   `off_core_nanoseconds`: time for which other processes had the core of a compute thread;
    ///   for workers the sum.
    package static let runColumns = [
        "schema", "started", "fingerprint", "configuration", "workers", "threads", "replicate",
        "trial", "wall_nanoseconds", "is_outlier", "compute_nanoseconds", "queue_nanoseconds",
        "transfer_nanoseconds", "merge_nanoseconds", "idle_nanoseconds", "bytes_in", "bytes_out",
        "status", "standing", "cpu_nanoseconds", "off_core_nanoseconds",
    ]

    /// Of a kernel record; `trial` is the place among the samples of a row.
    package static let kernelColumns = [
        "schema", "started", "fingerprint", "instruction_set", "threads", "batch", "heads",
        "key_value_heads", "query_length", "key_length", "head_dimension", "value_dimension",
        "mask", "replicate", "trial", "wall_nanoseconds", "is_outlier", "standing",
    ]

    private static func replicate(_ replicates: [Int]?, of trial: Int) -> String {
        guard let replicates, replicates.indices.contains(trial) else {
            return ""
        }
        return "\(replicates[trial])"
    }

    package static func rendered(_ record: RunRecord) -> String {
        let identity = [
            record.schema.rawValue, record.started, record.host.fingerprint,
        ]
        var rows = [runColumns]
        for base in record.baseCases {
            let marks = outliers(base.samplesNanoseconds)
            for (trial, sample) in base.samplesNanoseconds.enumerated() {
                rows.append(
                    identity + [
                        "process", "0", "\(base.threads)", replicate(base.replicates, of: trial),
                        "\(trial)", "\(sample)", marks[trial],
                    ] + [String](repeating: "", count: 8) + [
                        record.standing, item(base.cpuNanoseconds, trial),
                        item(base.offCoreNanoseconds, trial),
                    ]
                )
            }
        }
        for point in record.points {
            let marks = outliers(point.samples.map(\.wallNanoseconds))
            let status = point.verification.status.rawValue
            for (index, sample) in point.samples.enumerated() {
                rows.append(
                    identity + [
                        "cluster", "\(point.workers)", "\(point.threads)",
                        sample.replicate.map { "\($0)" } ?? "", "\(sample.trial)",
                        "\(sample.wallNanoseconds)", marks[index],
                    ] + sums(sample.workers, parts) + [status, record.standing]
                        + sums(sample.workers, times)
                )
            }
        }
        return text(rows)
    }

    package static func rendered(_ record: KernelRecord) -> String {
        var rows = [kernelColumns]
        for row in record.rows {
            let shape = row.shape
            let marks = outliers(row.samplesNanoseconds)
            let sizes = [
                row.threads, shape.batch, shape.heads, shape.keyValueHeads, shape.queryLength,
                shape.keyLength, shape.headDimension, shape.valueDimension,
            ]
            for (trial, sample) in row.samplesNanoseconds.enumerated() {
                rows.append(
                    [
                        record.schema.rawValue, record.started, record.host.fingerprint,
                        row.instructionSet.rawValue,
                    ] + sizes.map { "\($0)" } + [
                        "\(row.mask)", replicate(row.replicates, of: trial), "\(trial)",
                        "\(sample)", marks[trial], record.standing,
                    ]
                )
            }
        }
        return text(rows)
    }

    private static let parts: [@Sendable (WorkerSample) -> UInt64?] = [
        { $0.computeNanoseconds }, { $0.queueNanoseconds }, { $0.transferNanoseconds },
        { $0.mergeNanoseconds }, { $0.idleNanoseconds }, { $0.bytesIn }, { $0.bytesOut },
    ]

    private static let times: [@Sendable (WorkerSample) -> UInt64?] = [
        { $0.cpuNanoseconds }, { $0.offCoreNanoseconds },
    ]

    /// Empty if a worker does not report the value, or if the sum overflows: a record may hold any
    /// numbers, and they must not end the program.
    private static func sums(
        _ workers: [WorkerSample],
        _ parts: [@Sendable (WorkerSample) -> UInt64?]
    ) -> [String] {
        parts.map { part in
            let sum = workers.reduce(0 as UInt64?) { sum, worker in
                guard let sum, let own = part(worker) else { return nil }
                let (total, overflows) = sum.addingReportingOverflow(own)
                return overflows ? nil : total
            }
            return sum.map { "\($0)" } ?? ""
        }
    }

    private static func item(_ numbers: [UInt64]?, _ index: Int) -> String {
        guard let numbers, numbers.indices.contains(index) else { return "" }
        return "\(numbers[index])"
    }

    private static func outliers(_ samples: [UInt64]) -> [String] {
        let places = Set(SampleSummary.outlierIndices(samples.map { Double($0) }))
        return samples.indices.map { places.contains($0) ? "1" : "0" }
    }

    static func text(_ rows: [[String]]) -> String {
        rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        // Most fields are numbers, and a record may have millions of them.
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"")
        }
        guard !isPlain else { return text }
        let text = visible(text)
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        let doubled = text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"")
        return "\"\(doubled)\""
    }
}
