/// What came to a run's address and was not let in.
package struct Strangers: Hashable, Sendable, Codable {
    /// Connections that ended, or stayed, without showing the run's token or a listed key.
    package var refused: Int
    /// How many of them showed another token or key.
    package var wrongTokens: Int
    /// Attempts to connect, repeated ones included, that got no answer because all workers had joined.
    package var unanswered: Int
    /// Messages that were dropped because the protocol does not allow them, by reason.
    package var messages: [String: Int]

    package init(
        refused: Int = 0,
        wrongTokens: Int = 0,
        unanswered: Int = 0,
        messages: [String: Int] = [:]
    ) {
        self.refused = refused
        self.wrongTokens = wrongTokens
        self.unanswered = unanswered
        self.messages = messages
    }

    package var isEmpty: Bool { self == Strangers() }

    /// Whether these can be counts of one run; what another program sends may be anything.
    package var isPlausible: Bool {
        let range = 0...Int(Int32.max)
        return ([refused, wrongTokens, unanswered] + messages.values).allSatisfy(range.contains)
            && wrongTokens <= refused
    }

    package static func + (left: Strangers, right: Strangers) -> Strangers {
        Strangers(
            refused: left.refused + right.refused,
            wrongTokens: left.wrongTokens + right.wrongTokens,
            unanswered: left.unanswered + right.unanswered,
            messages: left.messages.merging(right.messages, uniquingKeysWith: +)
        )
    }

    /// `3 connections of strangers were refused`; nil when there was nothing.
    package var inWords: String? {
        var parts: [String] = []
        if refused > 0 {
            let wrong = wrongTokens > 0 ? " (\(wrongTokens) with a wrong token or key)" : ""
            parts.append(
                "\(counted(refused, "connection")) of strangers \(refused == 1 ? "was" : "were") "
                    + "refused\(wrong)"
            )
        }
        if unanswered > 0 {
            parts.append(
                counted(unanswered, "attempt to connect", "attempts to connect")
                    + " after all workers had joined got no answer"
            )
        }
        if !messages.isEmpty {
            let sum = messages.values.reduce(0, +)
            let reasons = messages.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            parts.append(
                "\(counted(sum, "message")) \(sum == 1 ? "was" : "were") dropped "
                    + "(\(reasons.joined(separator: ", ")))"
            )
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
