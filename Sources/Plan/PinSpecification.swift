import Files
import Work

/// Where the compute threads of a run may run: the text of `--pin`.
package enum PinSpecification: Hashable, Sendable {
    /// Each on a processor that headwise chooses.
    case auto
    /// Wherever the scheduler puts them.
    case none
    /// Each on one of these, in the order in which threads take them: at least one, and none twice.
    case processors([Int])

    package static let largestProcessor = 1023

    /// Reads the text of `--pin`.
    package init(_ text: String) throws(ExperimentError) {
        switch text {
        case "auto": self = .auto
        case "none": self = .none
        default: self = .processors(try Self.processors(text))
        }
    }

    private static func processors(_ text: String) throws(ExperimentError) -> [Int] {
        func refused(_ problem: String, _ remedy: String) -> ExperimentError {
            ExperimentError(
                .usage,
                "--pin \(text.isEmpty ? "''" : text)",
                problem,
                expected: "auto, none, or different processors from 0 to \(largestProcessor)",
                remedy: remedy
            )
        }
        var list: [Int] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { end in
                end.allSatisfy(\.isWholeNumber) ? Int(end) : nil
            }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                0 <= first, last <= largestProcessor, first <= largestProcessor
            else {
                throw refused(
                    item.isEmpty ? "has an empty item" : "has the item “\(item)”",
                    "write for example --pin 0,2,4-7"
                )
            }
            guard first <= last else {
                throw refused("has a range that ends before it begins", "write \(last)-\(first)")
            }
            for processor in first...last {
                guard !list.contains(processor) else {
                    throw refused("names processor \(processor) twice", "name it once")
                }
                list.append(processor)
            }
        }
        return list
    }
}

extension PinSpecification: CustomStringConvertible {
    /// The text that a plan has: `0,2,4-7`.
    package var description: String {
        switch self {
        case .auto: "auto"
        case .none: "none"
        case .processors(let list): Self.text(list)
        }
    }

    private static func text(_ processors: [Int]) -> String {
        runs(of: processors).map { run in
            run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)"
        }.joined(separator: ",")
    }
}

extension PinSpecification: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
