/// The dictionary in a `.npy` header.
///
/// It is a Python literal. This type reads what NumPy writes for plain arrays: strings, True,
/// False, and a tuple of integers. Anything else makes the header unreadable.
struct NpyHeader: Equatable {
    /// NumPy's name of the type, `<f4`.
    var descriptor: String
    var isFortranOrder: Bool
    var shape: [Int]

    init?(_ text: [UInt8]) {
        var reader = LiteralReader(text: text)
        var descriptor: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        guard reader.take("{") else { return nil }
        while !reader.take("}") {
            guard let key = reader.string(), reader.take(":") else { return nil }
            switch key {
            case "descr" where descriptor == nil: descriptor = reader.string()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = reader.boolean()
            case "shape" where shape == nil: shape = reader.tuple()
            default: return nil
            }
            if !reader.take(",") {
                guard reader.take("}") else { return nil }
                break
            }
        }
        guard let descriptor, let isFortranOrder, let shape, reader.isAtEnd else { return nil }
        self.descriptor = descriptor
        self.isFortranOrder = isFortranOrder
        self.shape = shape
    }
}

/// Reads the parts of a Python literal from left to right; nil and false mean “not here”.
private struct LiteralReader {
    let text: [UInt8]
    var position = 0

    init(text: [UInt8]) {
        self.text = text
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == text.count
        }
    }

    mutating func take(_ word: StaticString) -> Bool {
        skipSpace()
        let letters = Array("\(word)".utf8)
        guard text[position...].starts(with: letters) else { return false }
        position += letters.count
        return true
    }

    mutating func string() -> String? {
        skipSpace()
        guard position < text.count,
            [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(text[position])
        else { return nil }
        let rest = text[(position + 1)...]
        guard let end = rest.firstIndex(of: text[position]) else { return nil }
        position = end + 1
        return String(validating: rest[..<end], as: UTF8.self)
    }

    mutating func boolean() -> Bool? {
        if take("True") { return true }
        return take("False") ? false : nil
    }

    mutating func tuple() -> [Int]? {
        guard take("(") else { return nil }
        var sizes: [Int] = []
        while !take(")") {
            guard let size = integer() else { return nil }
            sizes.append(size)
            if !take(",") {
                // (3) is a number in parentheses and no tuple.
                guard sizes.count > 1, take(")") else { return nil }
                break
            }
        }
        return sizes
    }

    private mutating func integer() -> Int? {
        skipSpace()
        let digits = text[position...].prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        position = digits.endIndex
        // Python 2 marked long integers.
        _ = take("L")
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private mutating func skipSpace() {
        while position < text.count, [0x20, 0x0a, 0x09, 0x0d].contains(text[position]) {
            position += 1
        }
    }
}
