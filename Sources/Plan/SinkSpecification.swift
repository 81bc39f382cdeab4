import Attention
import Files

/// The sinks of `--sinks`: drawn from the seed, or a number for each head.
package enum SinkSpecification: Hashable, Sendable {
    /// None, even where the input holds some.
    case none
    case random
    case numbers([Float])

    /// Reads the text of `--sinks`.
    package init(_ text: String) throws(ExperimentError) {
        switch text {
        case "none": self = .none
        case "random": self = .random
        default:
            var numbers: [Float] = []
            for item in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let number = Float(item), number.isFinite else {
                    throw ExperimentError(
                        .usage,
                        "--sinks \(text)",
                        "has the sink “\(item)”, which is not a finite number",
                        expected: "none, random, or one number per head, joined by commas",
                        remedy: "write for example --sinks random"
                    )
                }
                numbers.append(number)
            }
            self = .numbers(numbers)
        }
    }

    package func numbers(heads: Int, seed: UInt64) -> [Float] {
        switch self {
        case .none: []
        case .random: InputGenerator.sinks(heads: heads, seed: seed)
        case .numbers(let numbers): numbers
        }
    }
}

extension SinkSpecification: CustomStringConvertible {
    package var description: String {
        switch self {
        case .none: "none"
        case .random: "random"
        case .numbers(let numbers): numbers.map { "\($0)" }.joined(separator: ",")
        }
    }
}

extension SinkSpecification: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
