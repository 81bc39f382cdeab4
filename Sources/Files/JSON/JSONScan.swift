import FoundationEssentials

/// Walks over the values of a text that a decoder accepts as JSON, and knows the position of each.
///
/// Foundation's decoder does not report lines, takes the first of two equal keys in an object, and
/// accepts a comma before a closing bracket. This is no parser: the decoder decides whether the
/// text is JSON. Over a text that is not JSON, the walk takes some path and stops at the end at the
/// latest.
struct JSONScan {
    package struct Value {
        /// Its bytes; for a list or an object, those of the opening bracket.
        package var range: Range<Int>
        /// Whether its object already had this key.
        var isRepeated: Bool
    }

    /// A list or an object that is not closed yet.
    private struct Level {
        let isList: Bool
        /// In a list: the index of the latest value.
        var index = -1
        /// In an object: the latest key, and all keys so far.
        var key: String?
        var keys: Set<String> = []
        var isRepeated = false
        /// In an object: whether the next text is a key.
        var awaitsKey = true
    }

    /// The greatest depth; no decoder accepts more.
    private static let deepest = 512

    let bytes: [UInt8]
    /// The position of the first trailing comma in the part scanned so far: a closing bracket follows
    /// it directly.
    private(set) var looseComma: Int?
    private var comma: Int?
    private var offset = 0
    private var levels: [Level] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The place of the latest value, as in `points[2].workers`; empty for the whole text.
    var place: String {
        levels.reduce("") { place, level in
            if level.isList { return level.index < 0 ? place : "\(place)[\(level.index)]" }
            guard let key = level.key else { return place }
            return place.isEmpty ? key : "\(place).\(key)"
        }
    }

    /// The next value in the order of the text; a list or an object comes before what it holds.
    mutating func next() -> Value? {
        while offset < bytes.count {
            let start = offset
            offset += 1
            if Self.isSpace(bytes[start]) { continue }
            if comma != nil, bytes[start] == UInt8(ascii: "}") || bytes[start] == UInt8(ascii: "]")
            {
                looseComma = looseComma ?? comma
            }
            comma = bytes[start] == UInt8(ascii: ",") ? start : nil
            switch bytes[start] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard levels.count < Self.deepest else { return nil }
                let value = value(from: start)
                levels.append(Level(isList: bytes[start] == UInt8(ascii: "[")))
                return value
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = levels.popLast()
            case UInt8(ascii: ","):
                if !levels.isEmpty { levels[levels.count - 1].awaitsKey = true }
            case UInt8(ascii: "\""):
                let hasEscapes = skipText()
                guard awaitsKey else { return value(from: start) }
                takeKey(start..<offset, hasEscapes: hasEscapes)
            case let byte where Self.isOfWord(byte):
                while offset < bytes.count, Self.isOfWord(bytes[offset]) { offset += 1 }
                return value(from: start)
            default: break
            }
        }
        return nil
    }

    private var awaitsKey: Bool {
        levels.last.map { !$0.isList && $0.awaitsKey } ?? false
    }

    private mutating func value(from start: Int) -> Value {
        guard let last = levels.indices.last else {
            return Value(range: start..<offset, isRepeated: false)
        }
        levels[last].index += 1
        return Value(range: start..<offset, isRepeated: levels[last].isRepeated)
    }

    /// Moves past the quotation mark that ends a text; returns whether the text has an escape.
    private mutating func skipText() -> Bool {
        var hasEscapes = false
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            if bytes[offset] == UInt8(ascii: "\\") {
                hasEscapes = true
                offset += 1
            }
            offset += 1
        }
        offset = min(offset + 1, bytes.count)
        return hasEscapes
    }

    private mutating func takeKey(_ range: Range<Int>, hasEscapes: Bool) {
        let written = bytes[range]
        // A key that cannot be decoded is kept as it is written.
        let decoded = hasEscapes ? try? JSONDecoder().decode(String.self, from: Data(written)) : nil
        let key = decoded ?? String(decoding: written.dropFirst().dropLast(), as: UTF8.self)
        let last = levels.count - 1
        levels[last].key = key
        levels[last].isRepeated = !levels[last].keys.insert(key).inserted
        levels[last].awaitsKey = false
    }

    private static func isSpace(_ byte: UInt8) -> Bool { JSONText.spaces.contains(byte) }

    /// Whether the byte can be part of a number, true, false or null.
    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension JSONScan {
    /// The first value for which `isSought` is true; the scan stops there.
    static func first(
        in bytes: [UInt8],
        where isSought: (Value, JSONScan) -> Bool
    ) -> (value: Value, scan: JSONScan)? {
        var scan = JSONScan(bytes)
        while let value = scan.next() {
            if isSought(value, scan) { return (value, scan) }
        }
        return nil
    }

    /// ` in line 7`; nothing where it is the first, which may be the only one.
    func inLine(_ value: Value) -> String { inLine(value.range.lowerBound) }

    func inLine(_ offset: Int) -> String {
        let breaks = bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
        return breaks == 0 ? "" : " in line \(breaks + 1)"
    }

    /// The value in words, as the rest of a sentence: `is “one”`, `is 4.5`, `is a list`.
    func described(_ value: Value) -> String {
        switch bytes[value.range.lowerBound] {
        case UInt8(ascii: "{"): return "is an object"
        case UInt8(ascii: "["): return "is a list"
        case UInt8(ascii: "\""):
            let text = bytes[value.range].dropFirst().dropLast()
            return "is the text “\(Self.start(of: text))”"
        default: return "is \(Self.start(of: bytes[value.range]))"
        }
    }

    private static func start(of text: ArraySlice<UInt8>) -> String {
        let letters = String(decoding: text, as: UTF8.self)
        return letters.count <= 40 ? letters : letters.prefix(39) + "…"
    }
}
