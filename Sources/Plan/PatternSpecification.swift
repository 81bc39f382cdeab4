import Attention
import Files

/// A sparse pattern as it is written in `--mask`: `bigbird:window=3,random=3,block=64`.
///
/// It is not an `Attention.KeyPattern`: a block layout is a file here and flags there.
package enum PatternSpecification: Hashable, Sendable {
    case none
    case window(back: Int, ahead: Int)
    case longformer(LongformerPattern)
    case bigBird(BigBirdPattern)
    case blocks(path: String, block: Int)

    static let grammar =
        "window:256, window:128+128, longformer:window=256,global=0+1, "
        + "bigbird:window=3,random=3,block=64,global=1,seed=7, blocks:FILE.npy,block=64"

    /// The same for a help text.
    package static let help =
        "window:256 (the row's own key and the 255 before it; window:128+64 also shows the next "
        + "64), longformer:window=256,global=0+1, bigbird:window=3,random=3,block=64, "
        + "blocks:layout.npy,block=64"

    static let defaultBlock = 64

    private static let names = ["window", "longformer", "bigbird", "blocks"]

    /// Whether a part of a mask's text is a pattern.
    static func isPattern(_ part: Substring) -> Bool {
        names.contains { part == $0 || part.hasPrefix("\($0):") }
    }

    /// Reads one part of a mask's text; `fault` makes the error that names the whole.
    init(
        _ part: Substring,
        fault: @escaping (_ problem: String) -> ExperimentError
    ) throws(ExperimentError) {
        let pieces = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = pieces[0]
        guard pieces.count == 2, !pieces[1].isEmpty else {
            throw fault("has an incomplete \(name)")
        }
        if name == "window" {
            self = try Self.window(pieces[1], fault)
            return
        }
        var fields = PatternFields(fault: fault)
        if name == "blocks" {
            guard let (path, rest) = LayoutPath.first(in: pieces[1]) else {
                throw fault("has a path without its closing quotation mark")
            }
            guard !path.isEmpty else { throw fault("has blocks without a file") }
            guard rest.isEmpty || rest.first == "," else {
                throw fault("has “\(rest)” after the path of blocks, which is not ,block=number")
            }
            if !rest.isEmpty { try fields.read(rest.dropFirst()) }
            let block = try fields.number("block") ?? Self.defaultBlock
            self = .blocks(path: path, block: block)
        } else {
            try fields.read(pieces[1])
            if name == "longformer" {
                guard let window = try fields.number("window") else {
                    throw fault("has a longformer without window=")
                }
                let globals = try fields.numbers("global") ?? []
                self = .longformer(
                    LongformerPattern(window: window, globals: Array(Set(globals)).sorted())
                )
            } else {
                self = .bigBird(
                    BigBirdPattern(
                        window: try fields.number("window") ?? 3,
                        random: try fields.number("random") ?? 3,
                        global: try fields.number("global") ?? 1,
                        block: try fields.number("block") ?? Self.defaultBlock,
                        seed: UInt64(try fields.number("seed") ?? 1)
                    )
                )
            }
        }
        try fields.finish()
    }

    /// The pattern in memory; nil for a layout that is still in its file.
    package var keyPattern: KeyPattern? {
        switch self {
        case .none: KeyPattern.none
        case .window(let back, let ahead): .window(back: back, ahead: ahead)
        case .longformer(let pattern): .longformer(pattern)
        case .bigBird(let pattern): .bigBird(pattern)
        case .blocks: nil
        }
    }

    private static func window(
        _ text: Substring,
        _ fault: (_ problem: String) -> ExperimentError
    ) throws(ExperimentError) -> PatternSpecification {
        var sizes: [Int] = []
        for item in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard let size = Int(item), (0...Int(Int32.max)).contains(size) else {
                throw fault("has the window “\(item)”, which is not a number of keys")
            }
            sizes.append(size)
        }
        guard sizes.count <= 2, sizes.reduce(0, +) > 0 else {
            throw fault("has the window “\(text)”, which shows no key or has more than two sizes")
        }
        return .window(back: sizes[0], ahead: sizes.count == 2 ? sizes[1] : 0)
    }
}

extension PatternSpecification: CustomStringConvertible {
    package var description: String {
        switch self {
        case .none: return "none"
        case .window(let back, let ahead):
            return ahead == 0 ? "window:\(back)" : "window:\(back)+\(ahead)"
        case .longformer(let pattern):
            let globals = pattern.globals.map(String.init).joined(separator: "+")
            return "longformer:window=\(pattern.window)"
                + (globals.isEmpty ? "" : ",global=\(globals)")
        case .bigBird(let pattern):
            return "bigbird:window=\(pattern.window),random=\(pattern.random),"
                + "block=\(pattern.block),global=\(pattern.global),seed=\(pattern.seed)"
        case .blocks(let path, let block):
            return "blocks:\(LayoutPath.text(of: path)),block=\(block)"
        }
    }
}

/// The `key=number` pairs of a pattern's text.
private struct PatternFields {
    let fault: (_ problem: String) -> ExperimentError
    private var values: [(key: Substring, text: Substring)] = []

    init(fault: @escaping (_ problem: String) -> ExperimentError) {
        self.fault = fault
    }

    mutating func read(_ text: Substring) throws(ExperimentError) {
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else {
                throw fault("has “\(item)” in a pattern, which is not key=number")
            }
            guard !values.contains(where: { $0.key == sides[0] }) else {
                throw fault("names \(sides[0]) twice")
            }
            values.append((sides[0], sides[1]))
        }
    }

    mutating func numbers(_ key: String) throws(ExperimentError) -> [Int]? {
        guard let index = values.firstIndex(where: { $0.key == key }) else { return nil }
        let text = values.remove(at: index).text
        var numbers: [Int] = []
        for item in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard let number = Int(item), number >= 0, number <= Int(Int32.max) else {
                throw fault("has \(key)=\(text), which is not a number from 0 to \(Int32.max)")
            }
            numbers.append(number)
        }
        return numbers
    }

    mutating func number(_ key: String) throws(ExperimentError) -> Int? {
        guard let numbers = try numbers(key) else { return nil }
        guard numbers.count == 1 else { throw fault("has several numbers for \(key)") }
        return numbers[0]
    }

    func finish() throws(ExperimentError) {
        guard let unknown = values.first else { return }
        throw fault("has the unknown key “\(unknown.key)” in a pattern")
    }
}
