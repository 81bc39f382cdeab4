import Attention
import Files

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The slopes of `--alibi`: `standard`, or one for each head.
package enum AlibiSpecification: Hashable, Sendable {
    /// The slopes of the paper (Press, Smith and Lewis, "Train short, test long", ICLR 2022).
    case standard
    case slopes([Float])

    /// Reads the text of `--alibi`.
    package init(_ text: String) throws(ExperimentError) {
        if text == "standard" {
            self = .standard
            return
        }
        var slopes: [Float] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let slope = Float(item), slope.isFinite, slope >= 0 else {
                throw ExperimentError(
                    .usage,
                    "--alibi \(text)",
                    "has the slope “\(item)”, which is not a number from 0 to 1e28",
                    expected: "standard, or one slope per head, joined by commas",
                    remedy: "write for example --alibi standard"
                )
            }
            slopes.append(slope)
        }
        self = .slopes(slopes)
    }

    package func slopes(heads: Int) -> [Float] {
        switch self {
        case .standard: Self.standardSlopes(heads: heads)
        case .slopes(let slopes): slopes
        }
    }

    /// For a power of two n, 2^(−8/n), 2^(−16/n), …; for other counts, those of the power of two
    /// below, and then every other one of the power above.
    private static func standardSlopes(heads: Int) -> [Float] {
        func geometric(_ count: Int) -> [Float] {
            (1...count).map { Float(pow(2, -8 * Double($0) / Double(count))) }
        }
        let power = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
        guard power < heads else { return geometric(heads) }
        let between = geometric(2 * power).enumerated().filter { $0.offset % 2 == 0 }
        return geometric(power) + between.prefix(heads - power).map(\.element)
    }
}

extension AlibiSpecification: CustomStringConvertible {
    package var description: String {
        switch self {
        case .standard: "standard"
        case .slopes(let slopes): slopes.map { "\($0)" }.joined(separator: ",")
        }
    }
}

extension AlibiSpecification: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
