import FoundationEssentials

/// A moment as records and their file names write it: UTC, whole seconds.
package struct UTCTime: Equatable, Sendable {
    /// `2025-11-21T01:24:00Z`.
    package let text: String

    package init(secondsSince1970: Double) {
        text = Date(timeIntervalSince1970: secondsSince1970).formatted(.iso8601)
    }

    /// Reads what `text` is; nil for any other way to write a moment, and for what is none.
    package init?(_ text: String) {
        guard text.utf8.count == 20, text.hasSuffix("Z"),
            // Why it is no moment does not matter here.
            let date = try? Date.ISO8601FormatStyle().parse(text),
            // A 31st of June would come back as another day.
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
