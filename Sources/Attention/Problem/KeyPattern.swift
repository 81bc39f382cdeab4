import Work

/// A sparse pattern of attention: the positions of row and key decide whether the row sees the key.
///
/// Row i has position p = i + offset. When the band is `causalBottomRight` it is i + S − L, and when
/// it is `causalByLength` i + n − L, n being the batch element's length: a pattern and its causal mask
/// have the same alignment. The position of a key is its index.
package enum KeyPattern: Hashable, Sendable {
    case none
    /// Keys p − back + 1 … p + ahead; `back` counts the row's own key, too.
    case window(back: Int, ahead: Int)
    case longformer(LongformerPattern)
    case bigBird(BigBirdPattern)
    case blocks(BlockLayout)

    /// Whether a row can see more than one range of keys.
    var hasRanges: Bool {
        switch self {
        case .none, .window: false
        case .longformer, .bigBird, .blocks: true
        }
    }

    /// Whether heads of a batch element may see different keys.
    package var differsByHead: Bool {
        if case .blocks(let layout) = self { return layout.heads > 1 }
        return false
    }
}

/// A sliding window and a few global tokens, which see all keys and are seen by all rows.
///
/// The source is Beltagy, Peters and Cohan, "Longformer: the long-document transformer", 2020.
package struct LongformerPattern: Hashable, Sendable, Codable {
    /// A row sees `window / 2` keys on each side of its position; `window` is even.
    package var window: Int
    /// Positions, ascending.
    package var globals: [Int]

    package init(window: Int, globals: [Int]) {
        self.window = window
        self.globals = globals
    }
}

/// Window, global and random blocks.
///
/// The source is Zaheer et al., "Big Bird: transformers for longer sequences", NeurIPS 2020.
///
/// The row block b = p div `block` sees the key blocks b − w … b + w with w = (`window` − 1) / 2,
/// the first `global` blocks, and `random` others, or all that are left. A row of a global block
/// sees every key.
package struct BigBirdPattern: Hashable, Sendable, Codable {
    /// Blocks of the window; odd.
    package var window: Int
    package var random: Int
    package var global: Int
    /// The number of keys, and of rows, in a block.
    package var block: Int
    package var seed: UInt64

    package init(window: Int, random: Int, global: Int, block: Int, seed: UInt64) {
        self.window = window
        self.random = random
        self.global = global
        self.block = block
        self.seed = seed
    }

    /// The largest number of random blocks per row block; the draws are numbered with twelve bits.
    package static let mostRandom = 4096

    /// How many key blocks the window reaches to each side of a row block; some may not exist.
    var windowReach: Int { (window - 1) / 2 }

    /// The random key blocks that row block `row` sees, ascending.
    ///
    /// Draw t picks number below(n − t, word(7, row·4096 + t)) of the n − t blocks, in ascending
    /// order, that are not global, not in the window and not drawn before; word and below are those
    /// of `InputGenerator`, with the pattern's own seed.
    package func randomBlocks(row: Int, keyLength: Int) -> [Int] {
        let count = (keyLength + block - 1) / block
        let philox = Philox(seed: seed)
        var taken = Array(0..<min(global, count))
        let first = max(row - windowReach, taken.count)
        let last = min(row + windowReach, count - 1)
        if first <= last { taken += Array(first...last) }
        var drawn: [Int] = []
        while drawn.count < random, taken.count < count {
            let word = philox.word(stream: 7, index: row << 12 | drawn.count)
            var block = Philox.below(count - taken.count, word)
            // `taken` ascends: each taken block at or below the answer moves the answer up by one.
            for other in taken where other <= block { block += 1 }
            taken.insert(block, at: taken.firstIndex { $0 > block } ?? taken.count)
            drawn.append(block)
        }
        return drawn.sorted()
    }
}

/// Any pattern of whole blocks: which block of rows sees which block of keys.
///
/// Blocks are counted from row 0 and key 0, whatever the band.
package struct BlockLayout: Hashable, Sendable, Codable {
    /// The number of rows, and of keys, in a block.
    package let block: Int
    /// One layout for all heads, or one for each.
    package let heads: Int
    package let rowBlocks: Int
    package let keyBlocks: Int
    /// `[heads][rowBlocks][keyBlocks]`, eight flags per byte, the lowest bit first.
    private let bits: [UInt8]

    /// `isVisible` holds `[heads][rowBlocks][keyBlocks]`.
    package init(block: Int, heads: Int, rowBlocks: Int, keyBlocks: Int, isVisible: [Bool]) {
        precondition(
            isVisible.count == heads * rowBlocks * keyBlocks,
            "every block must have a flag"
        )
        self.block = block
        self.heads = heads
        self.rowBlocks = rowBlocks
        self.keyBlocks = keyBlocks
        var bits = [UInt8](repeating: 0, count: (isVisible.count + 7) / 8)
        for (index, flag) in isVisible.enumerated() where flag {
            bits[index / 8] |= 1 << (index % 8)
        }
        self.bits = bits
    }

    /// Whether the block of rows sees the block of keys.
    package func shows(head: Int, row: Int, key: Int) -> Bool {
        let layout = heads == 1 ? 0 : head
        let index = (layout * rowBlocks + row) * keyBlocks + key
        return bits[index / 8] >> (index % 8) & 1 == 1
    }

    private enum CodingKeys: CodingKey {
        case block, heads, rowBlocks, keyBlocks, bits
    }

    /// The flags are encoded as hexadecimal digits, two digits for eight blocks.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        block = try container.decode(Int.self, forKey: .block)
        heads = try container.decode(Int.self, forKey: .heads)
        rowBlocks = try container.decode(Int.self, forKey: .rowBlocks)
        keyBlocks = try container.decode(Int.self, forKey: .keyBlocks)
        let digits = Array(try container.decode(String.self, forKey: .bits).utf8)
        var bits: [UInt8] = []
        bits.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count - 1, by: 2) {
            guard let high = Self.value(of: digits[index]),
                let low = Self.value(of: digits[index + 1])
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .bits,
                    in: container,
                    debugDescription: "bits are not hexadecimal digits"
                )
            }
            bits.append(high << 4 | low)
        }
        self.bits = bits
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(block, forKey: .block)
        try container.encode(heads, forKey: .heads)
        try container.encode(rowBlocks, forKey: .rowBlocks)
        try container.encode(keyBlocks, forKey: .keyBlocks)
        let digits = Array("0123456789abcdef".utf8)
        let text = bits.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        try container.encode(String(decoding: text, as: UTF8.self), forKey: .bits)
    }

    /// Whether there is a flag for every block; a received layout may claim a wrong size.
    var isComplete: Bool {
        guard block > 0, heads > 0, rowBlocks > 0, keyBlocks > 0 else { return false }
        let (pairs, overflow) = rowBlocks.multipliedReportingOverflow(by: keyBlocks)
        let (count, another) = pairs.multipliedReportingOverflow(by: heads)
        return !overflow && !another && bits.count == (count + 7) / 8
    }
}

extension AttentionProblem {
    /// The position of a row among the keys, for bands, patterns and distances.
    ///
    /// `length` is the valid length of the row's batch element, if it has one.
    package func position(ofRow row: Int, length: Int32?) -> Int {
        switch mask.band {
        case .none, .causal: row + offset
        case .causalBottomRight: row + shape.keyLength - shape.queryLength
        case .causalByLength: row + (length.map(Int.init) ?? shape.keyLength) - shape.queryLength
        }
    }

    /// Throws when the pattern is not valid, or does not fit the shape.
    func validatePattern() throws(AttentionError) {
        let sizes = 0...Int(Int32.max)
        func require(_ isRight: Bool, _ found: String, _ expected: String) throws(AttentionError) {
            guard isRight else { throw .patternImpossible(found: found, expected: expected) }
        }
        switch mask.pattern {
        case .none: break
        case .window(let back, let ahead):
            try require(
                sizes.contains(back) && sizes.contains(ahead) && back + ahead > 0,
                "a window of \(counted(back, "key")) back and \(ahead) ahead",
                "at least one key"
            )
        case .longformer(let pattern):
            try require(
                sizes.contains(pattern.window) && pattern.window % 2 == 0,
                "a window of \(pattern.window)",
                "an even number, half of it on either side"
            )
            let keys = 0..<shape.keyLength
            for (index, token) in pattern.globals.enumerated() {
                try require(
                    keys.contains(token),
                    "the global token \(token)",
                    "0 to \(shape.keyLength - 1), one of the keys"
                )
                try require(
                    index == 0 || pattern.globals[index - 1] < token,
                    "the global token \(token) after \(pattern.globals[max(0, index - 1)])",
                    "every global token once, in ascending order"
                )
            }
        case .bigBird(let pattern):
            try require(
                sizes.contains(pattern.window) && pattern.window % 2 == 1,
                "a window of \(counted(pattern.window, "block"))",
                "an odd number, the row's own block in the middle"
            )
            try require(
                (0...BigBirdPattern.mostRandom).contains(pattern.random),
                "\(pattern.random) random blocks",
                "0 to \(BigBirdPattern.mostRandom)"
            )
            try require(
                sizes.contains(pattern.global),
                "\(pattern.global) global blocks",
                "a number of blocks"
            )
            try require(
                pattern.block > 0 && sizes.contains(pattern.block),
                "blocks of \(counted(pattern.block, "key"))",
                "at least one key"
            )
        case .blocks(let layout): try validate(layout, require)
        }
    }

    private func validate(
        _ layout: BlockLayout,
        _ require: (Bool, String, String) throws(AttentionError) -> Void
    ) throws(AttentionError) {
        try require(
            layout.block > 0 && layout.block <= Int32.max,
            "blocks of \(counted(layout.block, "key"))",
            "at least one key"
        )
        let rows = (shape.queryLength + layout.block - 1) / layout.block
        let keys = (shape.keyLength + layout.block - 1) / layout.block
        try require(
            layout.rowBlocks == rows && layout.keyBlocks == keys,
            "a layout of \(layout.rowBlocks) × \(layout.keyBlocks) blocks of \(layout.block)",
            "\(rows) × \(keys) for \(counted(shape.queryLength, "row")) and "
                + counted(shape.keyLength, "key")
        )
        try require(
            layout.heads == 1 || layout.heads == shape.heads,
            "layouts for \(counted(layout.heads, "head"))",
            shape.heads == 1 ? "one" : "one for all, or one for each of the \(shape.heads)"
        )
        try require(layout.isComplete, "an incomplete layout", "a flag for every block")
    }
}

/// In JSON a pattern is one flat object: `{"kind": "window", "back": 256, "ahead": 0}`.
///
/// So other languages can read it without knowing how Swift writes an enum.
extension KeyPattern: Codable {
    private enum Kind: String, Codable {
        case none, window, longformer, bigBird, blocks
    }

    private enum CodingKeys: CodingKey {
        case kind, back, ahead
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .none: .none
            case .window:
                .window(
                    back: try container.decode(Int.self, forKey: .back),
                    ahead: try container.decode(Int.self, forKey: .ahead)
                )
            case .longformer: .longformer(try LongformerPattern(from: decoder))
            case .bigBird: .bigBird(try BigBirdPattern(from: decoder))
            case .blocks: .blocks(try BlockLayout(from: decoder))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .none:
            try container.encode(Kind.none, forKey: .kind)
        case .window(let back, let ahead):
            try container.encode(Kind.window, forKey: .kind)
            try container.encode(back, forKey: .back)
            try container.encode(ahead, forKey: .ahead)
        case .longformer(let pattern):
            try container.encode(Kind.longformer, forKey: .kind)
            try pattern.encode(to: encoder)
        case .bigBird(let pattern):
            try container.encode(Kind.bigBird, forKey: .kind)
            try pattern.encode(to: encoder)
        case .blocks(let layout):
            try container.encode(Kind.blocks, forKey: .kind)
            try layout.encode(to: encoder)
        }
    }
}
