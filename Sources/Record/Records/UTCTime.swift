import FoundationEssentials

/// A moment as records and their file names write it: UTC, whole seconds.
package struct UTCTime: Equatable, Sendable {
    /// `2025-11-21T01:24:00Z`.
    package let text: String

    package init(secondsSince1970: Double) {
        text = Date(timeIntervalSince1970: secondsSince1970).formatted(.iso8601)
    }

    /// Reads a moment in this format; nil for any other format, and for an impossible moment.
    package init?(_ text: String) {
        guard text.utf8.count == 20, text.hasSuffix("Z"),
            // The reason why it is no moment does not matter here.
            let date = try? Date.ISO8601FormatStyle().parse(text),
            // A date such as 31 June would come back as another day.
            UTCTime(secondsSince1970: date.timeIntervalSince1970).text == text
        else { return nil }
        self.text = text
    }

    package static var now: UTCTime {
        UTCTime(secondsSince1970: Date.now.timeIntervalSince1970)
    }

    /// `20251121T012400Z`, which sorts as text and needs no quoting in a shell.
    package var fileStamp: String {
        text.filter { $0 != "-" && $0 != ":" }
    }
}
