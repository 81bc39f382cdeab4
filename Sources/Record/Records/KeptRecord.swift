import Attention
import Files
import Host
import Platform
import Statistics
import Work

/// A record of any kind: what a command leaves behind, with its plan, its samples and the machine.
///
/// A long run writes it again and again, so that a killed run leaves one, too. Its numbers are
/// checked for plausibility whenever it is read.
package protocol KeptRecord: Codable, Sendable {
    /// The schemas that such a record may have, `headwise.KIND/VERSION`.
    associatedtype Schema: RawRepresentable & CaseIterable where Schema.RawValue == String

    var schema: Schema { get }
    var host: HostDescription { get }
    /// When the run began, UTC, `2025-11-21T01:24:00Z`.
    var started: String { get }
    var commandLine: [String] { get }
    /// Reasons to trust the figures less.
    var warnings: [MeasurementWarning]? { get }
    /// Absent while the run is under way; optional in a record when there is nothing to object to.
    var verdict: Verdict? { get }
    /// Absent while the run is under way.
    var exitCode: Int32? { get }
    /// A word beside all figures that are not those of real work: `EMPTY`, `EMULATED`.
    var mark: String? { get }
    /// The result in one plain sentence.
    var sentence: String { get }

    /// Brings an older record of the same schema to the meaning of today's.
    mutating func modernise()

    /// Refuses numbers that no measurement can produce; `source` is the file that the error names.
    func validate(source: String) throws(ExperimentError)
}

extension KeptRecord {
    package static var schemas: [String] { Schema.allCases.map(\.rawValue) }

    /// `run`, `scale`: the commands that make such records, each once.
    package static var kinds: [String] {
        Schema.allCases.map(kind(of:)).reduce(into: []) { unique, kind in
            if !unique.contains(kind) { unique.append(kind) }
        }
    }

    /// The command that made the record.
    package var kind: String { Self.kind(of: schema) }

    private static func kind(of schema: Schema) -> String {
        String(schema.rawValue.dropFirst("headwise.".count).prefix { $0 != "/" })
    }

    /// Reads and validates a record of this kind.
    package static func read(_ path: String) throws(ExperimentError) -> Self {
        let file = try JSONFile(reading: path, noun: "record")
        try file.requireSchema(among: schemas)
        return try Self(checking: file)
    }

    /// The record in a file of one of its schemas.
    package init(checking file: JSONFile) throws(ExperimentError) {
        self = try file.decode(Self.self)
        try validate(source: file.path)
        modernise()
    }

    package mutating func modernise() {}

    package var mark: String? { nil }

    /// Why the run did not finish, as a phrase; nil where it finished.
    ///
    /// Impossible figures come before it in the verdict; then only the exit code shows it.
    package var obstacle: String? {
        guard verdict != nil || exitCode != nil else {
            return "the record has no verdict: its run was killed, or still goes on"
        }
        let isEarly = exitCode.map { EndCode.early.contains($0) } ?? false
        guard verdict?.status == .unfinished || isEarly else { return nil }
        if let reason = verdict?.reasons.first { return reason }
        let code = exitCode ?? 0
        return code > 128
            ? RunError(interruptedBy: code - 128).description : "it ended with exit code \(code)"
    }

    /// A check of the output proves nothing.
    package var isUnproved: Bool { exitCode == VerificationStatus.mistrusted.endCode }

    /// The standing; that of faultless figures whose output is not proved right says so.
    package func standing(isProved: Bool) -> String {
        isProved || standing != Verdict.Status.valid.rawValue ? standing : Verdict.notProved
    }

    /// VALID, or what is wrong: INVALID or DISTURBED, UNFINISHED, or two separated by a space; in front
    /// of that, and for VALID, the record's mark.
    package var standing: String {
        let status = verdict?.status ?? .unfinished
        let words = [
            mark,
            status == .unfinished || status == .valid ? nil : status.rawValue,
            obstacle == nil ? nil : Verdict.Status.unfinished.rawValue,
        ].compactMap { $0 }
        return words.isEmpty ? Verdict.Status.valid.rawValue : words.joined(separator: " ")
    }
}

extension RunRecord: KeptRecord {}
extension KernelRecord: KeptRecord {}
extension CompareRecord: KeptRecord {}
extension VerifyRecord: KeptRecord {}
