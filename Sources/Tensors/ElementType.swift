/// How the elements of a stored tensor are written down.
enum ElementType: String, Equatable, Sendable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int8 = "I8"
    case int16 = "I16"
    case int32 = "I32"
    case int64 = "I64"
    case uint8 = "U8"
    case uint16 = "U16"
    case uint32 = "U32"
    case uint64 = "U64"
    case boolean = "BOOL"

    package var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .boolean: 1
        }
    }

    static let floats: [ElementType] = [.float32, .float16, .bfloat16, .float64]
    static let integers: [ElementType] = [
        .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
    ]
    /// The types of which every number but 0 is true.
    static let booleans: [ElementType] = [.boolean, .uint8]

    /// The type that NumPy's `descr` means, when it is one of ours, in any byte order.
    init?(numpy descriptor: String) {
        switch descriptor.drop(while: "<>|=".contains) {
        case "f8": self = .float64
        case "f4": self = .float32
        case "f2": self = .float16
        // NumPy stores bfloat16, which it does not know, like this.
        case "V2": self = .bfloat16
        case "i1": self = .int8
        case "i2": self = .int16
        case "i4": self = .int32
        case "i8": self = .int64
        case "u1": self = .uint8
        case "u2": self = .uint16
        case "u4": self = .uint32
        case "u8": self = .uint64
        case "b1", "?": self = .boolean
        default: return nil
        }
    }
}

/// Widening the two 16-bit formats to Float, which holds every value of both exactly, and narrowing
/// the one of 64 bits.
///
/// NaNs keep their sign and payload, except narrowed ones.
enum Widening {
    /// Half precision: the exponent is moved from a bias of 15 to one of 127 by a multiplication,
    /// which is exact and normalises subnormal numbers on the way.
    @inline(__always)
    static func float16(_ bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7fff) << 13
        let sign = UInt32(bits & 0x8000) << 16
        let isSpecial = bits & 0x7c00 == 0x7c00
        let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        return Float(bitPattern: sign | (isSpecial ? magnitude | 0x7f80_0000 : scaled))
    }

    /// The upper half of a Float.
    @inline(__always)
    static func bfloat16(_ bits: UInt16) -> Float {
        Float(bitPattern: UInt32(bits) << 16)
    }

    /// The nearest Float; a finite number never becomes infinite, since −∞ hides a key where the lowest
    /// number of a type only lowers its score.
    @inline(__always)
    static func float64(_ bits: UInt64) -> Float {
        let wide = Double(bitPattern: bits)
        let narrow = Float(wide)
        guard narrow.isInfinite, wide.isFinite else { return narrow }
        return wide < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
    }

    /// Whether Float has no number near it.
    @inline(__always)
    static func isBeyondFloat(_ bits: UInt64) -> Bool {
        let wide = Double(bitPattern: bits)
        return wide.isFinite && Float(wide).isInfinite
    }
}
