import Files

/// A type of number that tensor files hold, accepted or not; it serves to inspect a refused tensor.
struct NumberFormat: Equatable {
    package enum Kind {
        case float, brainFloat, signed, unsigned
    }

    var kind: Kind
    package var byteCount: Int
    var isBigEndian = false

    /// Of NumPy's `descr` or the `dtype` of safetensors; nil when it is no number or too wide a one.
    init?(_ text: String) {
        let letters = text.lowercased()
        let digits = letters.drop { !$0.isNumber }
        let isNumPy = letters.first.map { "<>|".contains($0) } ?? false
        // NumPy counts bytes, safetensors bits.
        guard let size = letters == "bool" ? 8 : Int(digits).map({ isNumPy ? $0 * 8 : $0 }),
            [8, 16, 32, 64].contains(size)
        else { return nil }
        switch letters.dropLast(digits.count).drop(while: "<>|".contains) {
        case "f" where size > 8: kind = .float
        // NumPy stores bfloat16, which it does not know, like this.
        case "v" where size == 16, "bf": kind = .brainFloat
        case "i": kind = .signed
        case "u",
            "b" where size == 8, "bool":
            kind = .unsigned
        default: return nil
        }
        byteCount = size / 8
        isBigEndian = letters.first == ">"
    }

    /// The number in `bytes`, of which there are `byteCount`.
    func value(_ bytes: ArraySlice<UInt8>) -> Double {
        let ordered = isBigEndian ? Array(bytes) : bytes.reversed()
        let bits = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch (kind, byteCount) {
        case (.float, 2): return Double(Widening.float16(UInt16(truncatingIfNeeded: bits)))
        case (.float, 4): return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case (.float, _): return Double(bitPattern: bits)
        case (.brainFloat, _): return Double(Widening.bfloat16(UInt16(truncatingIfNeeded: bits)))
        case (.unsigned, _): return Double(bits)
        case (.signed, _):
            let unused = 64 - 8 * byteCount
            return Double(Int64(bitPattern: bits << unused) >> unused)
        }
    }
}

extension StoredTensor {
    /// Reads the elements from the first to the last, as long as `body` wants another.
    func forEachNumber(
        _ format: NumberFormat,
        _ body: (_ index: Int, _ number: Double) -> Bool
    ) throws(ExperimentError) {
        let file = try OpenFile(reading: file)
        let size = format.byteCount
        let chunkBytes = 1 << 18
        for start in stride(from: 0, to: byteCount, by: chunkBytes) {
            let count = min(chunkBytes, byteCount - start)
            let bytes = try file.bytes(at: offset + start, count: count)
            for first in stride(from: 0, to: count - size + 1, by: size) {
                guard body((start + first) / size, format.value(bytes[first..<first + size]))
                else { return }
            }
        }
    }
}
