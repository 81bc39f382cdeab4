/// How the elements of a stored tensor are written down, always little-endian.
enum ElementType: String, Equatable, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case int64 = "I64"
    case boolean = "BOOL"
    case uint8 = "U8"

    package var byteCount: Int {
        switch self {
        case .float32, .int32: 4
        case .float16, .bfloat16: 2
        case .int64: 8
        case .boolean, .uint8: 1
        }
    }

    static let floats: [ElementType] = [.float32, .float16, .bfloat16]
    static let integers: [ElementType] = [.int32, .int64]
    static let booleans: [ElementType] = [.boolean, .uint8]

    /// The type that NumPy's `descr` means, when it is one of ours.
    init?(numpy descriptor: String) {
        switch descriptor {
        case "<f4": self = .float32
        case "<f2": self = .float16
        case "<i4": self = .int32
        case "<i8": self = .int64
        case "|b1": self = .boolean
        case "|u1": self = .uint8
        default: return nil
        }
    }
}

/// Widening the two 16-bit formats to Float, which holds every value of both exactly.
///
/// NaNs keep their sign and payload.
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
}
