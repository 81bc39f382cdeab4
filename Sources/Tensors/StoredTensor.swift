import Attention
import Files
import Statistics
import Work

/// The position of one tensor in a file, checked against the file's size but not yet read.
package struct StoredTensor: Equatable, Sendable {
    var file: String
    /// The file size when the tensor was found; a different size later means a different file.
    var fileByteCount: Int
    /// As the file names it.
    var name: String
    /// As the file names it, for sentences.
    var typeText: String
    /// Nil when it is none that is read here, which matters only if the tensor is wanted.
    var elementType: ElementType?
    var isBigEndian = false
    /// Whether the first axis runs fastest.
    var isFortranOrder = false
    package var shape: [Int]
    /// Where the first element is in the file, or in the member when it is inflated.
    var offset: Int
    package var byteCount: Int
    /// Where it is compressed.
    var deflated: Inflation.Source? = nil
    /// The checksum of an archive's member; nil in a file that has none.
    var checksum: MemberChecksum? = nil

    var subject: String { "\(file): tensor \(name)" }

    func refusal(_ problem: String, expected: String, remedy: String) -> ExperimentError {
        ExperimentError(.usage, subject, problem, expected: expected, remedy: remedy)
    }

    /// The bytes that the shape asks for; nil when that is more than an Int holds.
    package static func byteCount(of shape: [Int], elementByteCount: Int) -> Int? {
        var count = elementByteCount
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            count = product
        }
        return count
    }

    /// The number of elements.
    var count: Int { shape.reduce(1, *) }

    /// Refuses a tensor of which parts are read, and which has them in another order.
    func requireRowOrder() throws(ExperimentError) {
        guard order != nil else { return }
        throw refusal(
            "is in Fortran order",
            expected: "C order",
            remedy: "save numpy.ascontiguousarray(\(name))"
        )
    }

    /// Refuses a shape and a type that do not fill exactly the bytes that the file gives them.
    func requireConsistentSize() throws(ExperimentError) {
        guard let elementType else { return }
        let wanted = Self.byteCount(of: shape, elementByteCount: elementType.byteCount)
        guard wanted == byteCount else {
            throw refusal(
                "of shape \(shape) and type \(typeText) has \(counted(byteCount, "byte"))",
                expected: wanted.map { counted($0, "byte") } ?? "more than 2⁶³ bytes",
                remedy: "write the file again; it is truncated, or its header is wrong"
            )
        }
    }
}

/// Reads little-endian numbers from bytes that another program wrote.
struct LittleEndian {
    let bytes: [UInt8]

    /// Nil beyond the end.
    func unsigned(at offset: Int, byteCount: Int) -> UInt64? {
        guard offset >= 0, offset <= bytes.count - byteCount else { return nil }
        var value: UInt64 = 0
        for index in (0..<byteCount).reversed() {
            value = value << 8 | UInt64(bytes[offset + index])
        }
        return value
    }

    /// Nil beyond the end, or when an Int does not hold it.
    func integer(at offset: Int, byteCount: Int) -> Int? {
        unsigned(at: offset, byteCount: byteCount).flatMap { Int(exactly: $0) }
    }
}

extension StoredTensor {
    /// What to do about a tensor that should have another shape.
    ///
    /// Where only the order of the numbers tells what is meant, nobody is told to change the shape alone.
    func remedy(toHave expected: [Int]) -> String {
        if shape.count == 2, shape != expected, shape.reversed() == expected {
            return "save numpy.ascontiguousarray(\(name).T) if its axes are in the other order"
        }
        func sizes(_ shape: [Int]) -> [Int] { shape.filter { $0 != 1 } }
        return sizes(shape) == sizes(expected)
            ? "save numpy.reshape(\(name), \(expected))" : "write a tensor of that shape"
    }
}
