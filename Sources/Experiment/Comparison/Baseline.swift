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
                expected: "1 to 64 letters, digits, dots, dashes and underscores, no dot first",
                remedy: "choose such a name, and give the record before the flag"
            )
        }
        let fingerprint = record.host.fingerprint
        guard !fingerprint.isEmpty, fingerprint.utf8.count <= 64,
            fingerprint.allSatisfy(\.isHexDigit)
        else {
            throw ExperimentError(
                .usage,
                "the record's host fingerprint “\(fingerprint)”",
                "is none",
                expected: "hexadecimal digits",
                remedy: "give a record that headwise wrote"
            )
        }
        folder = "\(results)/baselines/\(fingerprint)"
        self.name = name.isEmpty ? record.plan.digest : name
    }

    package var path: String { "\(folder)/\(name).json" }

    package var exists: Bool { unsafe access(path, F_OK) == 0 }

    /// Saves a record here; an existing record is never overwritten.
    package func save(_ record: RunRecord) throws(ExperimentError) {
        let isMeasured = record.points.contains { !$0.samples.isEmpty }
        let isProved = !record.checks.contains(.mistrusted)
        guard record.verdict?.status == .valid, record.obstacle == nil, isMeasured, isProved else {
            let standing = isProved ? record.standing : VerificationStatus.mistrusted.rawValue
            let why = record.obstacle.map { " (\($0))" } ?? ""
            throw ExperimentError(
                .usage,
                "the record",
                isMeasured
                    ? "is \(standing)\(why), and so no baseline"
                    : "holds no finished trial, and so is no baseline",
                expected: "a finished run whose output agrees",
                remedy: "repeat the run and keep that one"
            )
        }
        try makeFolders()
        guard var file = try ClaimedFile(ifFree: path) else {
            throw ExperimentError(
                .environment,
                path,
                "exists already",
                expected: "a free name, since nothing is ever overwritten",
                remedy: "remove that file, or keep this record under another name with "
                    + "--save-baseline NAME"
            )
        }
        try file.replaceContent(try JSONText.encode(record))
    }

    private func makeFolders() throws(ExperimentError) {
        var path = ""
        for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
            path += path.isEmpty && !part.isEmpty ? "\(part)" : "/\(part)"
            if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
                throw .system(path, "cannot be made", expected: "a writable folder for baselines")
            }
        }
    }
}
