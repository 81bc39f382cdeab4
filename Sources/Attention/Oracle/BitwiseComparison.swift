#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Whether two whole outputs have the same bits, NaN and signed zeros included.
package struct BitwiseComparison: Hashable, Sendable {
    package var mismatchedElements = 0
    package var firstMismatch: ElementIndex?

    package var isEqual: Bool { mismatchedElements == 0 }

    package init(
        _ output: UnsafePointer<Float>,
        _ expected: UnsafePointer<Float>,
        shape: AttentionShape
    ) {
        let count = shape.sliceCount * shape.queryLength * shape.valueDimension
        guard unsafe memcmp(output, expected, count * 4) != 0 else { return }
        for index in 0..<count
        where unsafe output[index].bitPattern != expected[index].bitPattern {
            if mismatchedElements == 0 {
                firstMismatch = ElementIndex(flatIndex: index, shape: shape)
            }
            mismatchedElements += 1
        }
    }
}

/// The value that fills an output before a run, so that unwritten elements show.
package enum OutputSentinel {
    /// A quiet NaN with a payload that arithmetic never creates; `remove` takes it out of inputs,
    /// because arithmetic would pass it on.
    package static let bits: UInt32 = 0x7FC5_E271

    package static func fill(_ output: UnsafeMutablePointer<Float>, count: Int) {
        unsafe output.update(repeating: Float(bitPattern: bits), count: count)
    }

    /// Replaces the sentinel in the inputs by a NaN without a payload.
    ///
    /// It replaces every NaN whose payload arithmetic would pass on as the sentinel's, whatever its
    /// sign, quiet or signalling.
    package static func remove(from values: UnsafeMutableBufferPointer<Float>) {
        let payload: UInt32 = 0x7FBF_FFFF
        for index in values.indices
        where unsafe values[index].bitPattern & payload == bits & payload {
            unsafe values[index] = .nan
        }
    }
}

/// Counts of what could make a comparison of floats worthless.
struct FloatCensus {
    var count = 0
    var nonFinite = 0
    var zeros = 0
    var sentinels = 0
    var sameAsFirst = 0
    private var first: UInt32?

    init() {}

    init(_ values: UnsafePointer<Float>, count: Int) { unsafe add(values, count: count) }

    mutating func add(_ values: UnsafePointer<Float>, count: Int) {
        guard count > 0 else { return }
        self.count += count
        let first = unsafe self.first ?? values[0].bitPattern
        self.first = first
        // Local 32-bit counts over short runs let the compiler vectorize the loop.
        var start = 0
        while start < count {
            let end = min(count, start + 1 << 20)
            var (nonFinite, zeros, sentinels, same) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
            for index in start..<end {
                let bits = unsafe values[index].bitPattern
                nonFinite &+= bits & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0
                zeros &+= bits & 0x7FFF_FFFF == 0 ? 1 : 0
                sentinels &+= bits == OutputSentinel.bits ? 1 : 0
                same &+= bits == first ? 1 : 0
            }
            self.nonFinite += Int(nonFinite)
            self.zeros += Int(zeros)
            self.sentinels += Int(sentinels)
            sameAsFirst += Int(same)
            start = end
        }
    }

    var isAllZero: Bool { zeros == count }
    var isConstant: Bool { sameAsFirst == count }
}
