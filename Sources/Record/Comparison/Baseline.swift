import Files
import Plan

#if canImport(Glibc)
import Attention
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A record kept for later comparison, in a folder of the machine it was measured on:
/// `results/baselines/<fingerprint>/<name or digest of the plan>.json`.
///
/// Times from another machine cannot be a baseline. So each machine has its own baselines, and a
/// repository may hold those of several machines.
package struct Baseline: Equatable, Sendable {
    package var folder: String
    package var name: String

    /// The path of the baseline of `record`; the digest of its plan names it when `name` is empty.
    package init(
        of record: RunRecord,
        name: String,
        results: String = "results"
    ) throws(ExperimentError) {
        guard name.isEmpty || RunPlan.isFileName(name) else {
            throw ExperimentError(
                .usage,
                "the baseline's name “\(name)”",
                "cannot be part of a file's name",
                expected: "1 to 64 letters, digits, dots, dashes and underscores, not a dot first",
                remedy: "choose another name; the record's path comes before the flag"
            )
        }
        let fingerprint = record.host.fingerprint
        guard !fingerprint.isEmpty, fingerprint.utf8.count <= 64,
            fingerprint.allSatisfy(\.isHexDigit)
        else {
            throw ExperimentError(
                .usage,
                "the record's host fingerprint “\(fingerprint)”",
                "is not a fingerprint",
                expected: "hexadecimal digits",
                remedy: "give a record that headwise wrote"
            )
        }
        folder = "\(results)/baselines/\(fingerprint)"
        self.name = name.isEmpty ? record.plan.digest : name
    }

    package var path: String { "\(folder)/\(name).json" }

    package var exists: Bool { FileSystem.exists(path) }

    /// Saves a record here; an existing record is never overwritten.
    package func save(_ record: RunRecord) throws(ExperimentError) {
        guard record.isFitForComparing else {
            let isMeasured = record.isMeasured
            let standing =
                record.isProved ? record.standing : VerificationStatus.mistrusted.rawValue
            let why = record.obstacle.map { " (\($0))" } ?? ""
            throw ExperimentError(
                .usage,
                "the record",
                isMeasured
                    ? "is \(standing)\(why), so it cannot be a baseline"
                    : "has no finished trial, so it cannot be a baseline",
                expected: "a VALID run, finished, with equal bits and undisturbed",
                remedy: "its warnings say what to change; repeat the run, and save its record"
            )
        }
        try FileSystem.makeFolders(folder, for: "baselines")
        guard var file = try ClaimedFile(ifFree: path) else {
            throw ExperimentError(
                .environment,
                path,
                "already exists",
                expected: "a new name, because headwise never overwrites a file",
                remedy: "remove that file, or save this record under another name with "
                    + "--save-baseline NAME"
            )
        }
        try file.replaceContent(try JSONText.encode(record))
    }
}

extension RunRecord {
    /// Whether later records may be held against this one: a finished run without a fault in its
    /// figures, whose output is proved right.
    package var isFitForComparing: Bool {
        verdict?.status == .valid && obstacle == nil && isMeasured && isProved
    }

    fileprivate var isMeasured: Bool { points.contains { !$0.samples.isEmpty } }

    fileprivate var isProved: Bool { !checks.contains(.mistrusted) }
}
