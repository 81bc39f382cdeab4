import Attention
import Files

/// A mask as it is written on the command line and in a plan: `causal+lengths:random`.
///
/// It records the source of the lengths, not only that there are some. So it is not an
/// `Attention.Mask`, which is the result once the lengths are in memory.
package struct MaskSpecification: Hashable, Sendable {
    /// Where the valid lengths come from.
    package enum Lengths: Hashable, Sendable {
        case none
        /// One per batch element, as given.
        case given([Int])
        /// One per batch element, drawn from the seed.
        case random
    }

    package var band: Mask.Band
    package var pattern: PatternSpecification
    package var lengths: Lengths
    /// Whether the mask and the lengths that the input file holds apply.
    package var usesInput: Bool

    package init(
        band: Mask.Band = .none,
        pattern: PatternSpecification = .none,
        lengths: Lengths = .none,
        usesInput: Bool = false
    ) {
        self.band = band
        self.pattern = pattern
        self.lengths = lengths
        self.usesInput = usesInput
    }

    package static let none = MaskSpecification()

    private static let grammar =
        "none, or one or more of causal, causal-bottom-right, causal-lengths:512,1024,…, "
        + "lengths:512,1024,…, lengths:random, input and a pattern (\(PatternSpecification.grammar)), joined by +"
}

extension MaskSpecification: CustomStringConvertible {
    /// Reads the text of `--mask`.
    package init(_ text: String) throws(ExperimentError) {
        self.init()
        guard text != "none" else { return }
        for part in Self.parts(of: text) {
            switch part {
            case "causal": try setBand(.causal, text)
            case "causal-bottom-right": try setBand(.causalBottomRight, text)
            case "causal-lengths": try setBand(.causalByLength, text)
            case let part where part.hasPrefix("causal-lengths:"):
                try setBand(.causalByLength, text)
                guard lengths == .none else { throw Self.fault(text, "names lengths twice") }
                lengths = try Self.lengths(part.dropFirst("causal-lengths:".count), of: text)
            case "input":
                guard !usesInput else { throw Self.fault(text, "names input twice") }
                usesInput = true
            case "none":
                throw Self.fault(text, "combines none with another mask")
            case let part where part.hasPrefix("lengths:"):
                guard lengths == .none else { throw Self.fault(text, "names lengths twice") }
                lengths = try Self.lengths(part.dropFirst("lengths:".count), of: text)
            case let part where PatternSpecification.isPattern(part):
                guard pattern == .none else { throw Self.fault(text, "names two patterns") }
                pattern = try PatternSpecification(part) { Self.fault(text, $0) }
            default:
                throw Self.fault(text, "has the part “\(part)”, which is not a mask")
            }
        }
    }

    /// The parts between the + signs; a piece that begins with a digit continues the part before
    /// it, as in `window:128+128`.
    private static func parts(of text: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = text[...]
        while true {
            let end = Self.end(ofPart: rest)
            if rest.first?.isNumber == true, let last = parts.last {
                parts[parts.count - 1] = text[last.startIndex..<end]
            } else {
                parts.append(rest[..<end])
            }
            guard end < text.endIndex else { return parts }
            rest = text[text.index(after: end)...]
        }
    }

    /// Where the part that a text begins with ends; a path may hold a + of its own.
    private static func end(ofPart text: Substring) -> Substring.Index {
        let blocks = "blocks:"
        let name = text.hasPrefix(blocks) ? text.dropFirst(blocks.count) : text.prefix(0)
        let rest = name.isEmpty ? text : LayoutPath.first(in: name)?.rest ?? text.suffix(0)
        return rest.firstIndex(of: "+") ?? text.endIndex
    }

    package var description: String {
        var parts: [String] = []
        switch band {
        case .none: break
        case .causal: parts.append("causal")
        case .causalBottomRight: parts.append("causal-bottom-right")
        case .causalByLength: parts.append(lengths == .none ? "causal-lengths" : "")
        }
        if pattern != .none { parts.append("\(pattern)") }
        switch lengths {
        case .none: break
        case .given(let values):
            parts.append("lengths:" + values.map(String.init).joined(separator: ","))
        case .random: parts.append("lengths:random")
        }
        if band == .causalByLength, lengths != .none, let last = parts.popLast() {
            // The lengths and the band are one part.
            parts[0] = "causal-\(last)"
        }
        if usesInput { parts.append("input") }
        return parts.isEmpty ? "none" : parts.joined(separator: "+")
    }

    private mutating func setBand(_ band: Mask.Band, _ text: String) throws(ExperimentError) {
        guard self.band == .none else { throw Self.fault(text, "names two causal masks") }
        self.band = band
    }

    private static func lengths(
        _ list: Substring,
        of text: String
    ) throws(ExperimentError) -> Lengths {
        if list == "random" { return .random }
        var values: [Int] = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = Int(item), value >= 0, value <= Int(Int32.max) else {
                throw fault(text, "has the length “\(item)”, which is not a number of keys")
            }
            values.append(value)
        }
        return .given(values)
    }

    private static func fault(_ text: String, _ problem: String) -> ExperimentError {
        ExperimentError(
            .usage,
            "--mask \(text)",
            problem,
            expected: grammar,
            remedy: "write for example --mask causal+lengths:random"
        )
    }
}

extension MaskSpecification: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
