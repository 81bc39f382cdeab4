/// The 128 secret bits that admit a worker to a run.
///
/// Its description does not contain it, so that no log reveals it. The time of comparing two
/// tokens does not depend on where they differ.
package struct RunToken: Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// A new token from the system's random source.
    package static func random() -> RunToken {
        var source = SystemRandomNumberGenerator()
        return RunToken(high: source.next(), low: source.next())
    }

    /// Reads 32 hexadecimal digits.
    package init?(hexadecimal text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The token as it is sent: 32 lower-case hexadecimal digits.
    package var hexadecimal: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    package func matches(_ other: RunToken) -> Bool {
        (high ^ other.high) | (low ^ other.low) == 0
    }

    package var description: String { "(token)" }
}
