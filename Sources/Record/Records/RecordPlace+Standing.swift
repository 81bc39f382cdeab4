import Attention
import Files
import Work

/// What a record says about itself: when it began, how it ended, and whether it may be trusted.
extension RecordPlace {
    func requireMoment(_ text: String?, _ name: String) throws(ExperimentError) {
        guard let text else { return }
        try key(name).require(
            UTCTime(text) != nil,
            "is “\(text)”",
            expected: "a time in UTC, such as 2025-11-21T01:24:00Z"
        )
    }

    /// Reasons are there exactly where something is not to be believed, or not there.
    func requireSound(_ verdict: Verdict) throws(ExperimentError) {
        let status = verdict.status.rawValue
        let isValid = verdict.status == .valid
        try key("verdict.reasons").require(
            verdict.reasons.isEmpty == isValid,
            isValid
                ? "has \(verdict.reasons.count) reasons, although the status is \(status)"
                : "is empty, although the status is \(status)",
            expected: isValid ? "no reason" : "the reasons for this status"
        )
    }

    /// How a program ended that left this record: `verdict` and `exitCode` come together, at the
    /// end.
    ///
    /// `codes` are those that the command can end with, `found` is the one that the record's own
    /// figures come to, with what makes it so. A record that is not VALID may have another: what ends
    /// a run early goes before what it found.
    func requireStanding(
        _ verdict: Verdict?,
        exitCode: Int32?,
        among codes: [Int32],
        found: (code: Int32, why: String)
    ) throws(ExperimentError) {
        if let verdict { try requireSound(verdict) }
        guard let exitCode else {
            return try key("exitCode").require(
                verdict == nil,
                "is missing, although there is a verdict",
                expected: "the exit code of the finished run"
            )
        }
        let place = key("exitCode")
        try place.require(
            codes.contains(exitCode),
            "is \(exitCode), which this command never returns",
            expected: codes.map(String.init).joined(separator: ", ")
        )
        let isEnd = [EndCode.done, EndCode.slower, EndCode.ambiguous].contains(exitCode)
        try place.require(
            !isEnd || verdict?.status != .unfinished,
            "is \(exitCode), although the verdict is \(Verdict.Status.unfinished)",
            expected: "the exit code of a run that ended early"
        )
        let endsEarly = verdict.map { $0.status != .valid } ?? false && !isEnd
        try place.require(
            exitCode == found.code
                || (endsEarly
                    && ![EndCode.disagrees, EndCode.mistrusted, EndCode.invalid].contains(exitCode)),
            "is \(exitCode), although \(found.why)",
            expected: "\(found.code)"
        )
    }
}
