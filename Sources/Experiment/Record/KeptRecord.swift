import Work

/// A record that is kept while its run goes on, so that a run which is killed leaves one, too.
package protocol KeptRecord {
    /// Absent while the run is under way; a record may do without one when nothing speaks against it.
    var verdict: Verdict? { get }
    /// Absent while the run is under way.
    var exitCode: Int32? { get }
}

extension KeptRecord {
    /// Why the run did not get to its end, as a phrase; nil where it did.
    ///
    /// Where figures that cannot be go before it in the verdict, the exit code tells.
    package var obstacle: String? {
        guard verdict != nil || exitCode != nil else {
            return "it left no verdict, so it was killed or still goes on"
        }
        let isEarly = exitCode.map { EndCode.early.contains($0) } ?? false
        guard verdict?.status == .unfinished || isEarly else { return nil }
        return verdict?.reasons.first ?? "it ended with exit code \(exitCode ?? 0)"
    }

    /// VALID, or what is wrong: INVALID or DISTURBED, UNFINISHED, or two with a blank between.
    package var standing: String {
        let status = verdict?.status ?? .unfinished
        let words = [
            status == .unfinished || status == .valid ? nil : status,
            obstacle == nil ? nil : .unfinished,
        ].compactMap { $0?.rawValue }
        return words.isEmpty ? Verdict.Status.valid.rawValue : words.joined(separator: " ")
    }
}

extension RunRecord: KeptRecord {}
extension KernelRecord: KeptRecord {}
extension CompareRecord: KeptRecord {}
