import Work

/// A record that is written while its run continues, so that a killed run also leaves one.
package protocol KeptRecord {
    /// Absent while the run is under way; optional in a record when there is nothing to object to.
    var verdict: Verdict? { get }
    /// Absent while the run is under way.
    var exitCode: Int32? { get }
}

extension KeptRecord {
    /// Why the run did not finish, as a phrase; nil where it finished.
    ///
    /// Impossible figures come before it in the verdict; then only the exit code shows it.
    package var obstacle: String? {
        guard verdict != nil || exitCode != nil else {
            return "it has no verdict: it was killed, or it is still running"
        }
        let isEarly = exitCode.map { EndCode.early.contains($0) } ?? false
        guard verdict?.status == .unfinished || isEarly else { return nil }
        return verdict?.reasons.first ?? "it ended with exit code \(exitCode ?? 0)"
    }

    /// VALID, or what is wrong: INVALID or DISTURBED, UNFINISHED, or two separated by a space.
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
