import Attention
import FoundationEssentials

/// The safetensors format: eight bytes of header length, a JSON header, then the tensors back to
/// back in the order of their offsets, without gaps.
///
/// The rules are those of https://huggingface.co/docs/safetensors, and a file that breaks one is
/// refused even where the tensors in question are not wanted: its header cannot be trusted.
enum SafetensorsFile {
    /// The format's own limit.
    static let largestHeaderBytes = 100_000_000

    static func tensors(in file: borrowing OpenFile) throws(ExperimentError) -> [StoredTensor] {
        let path = file.path
        // The length and the shortest header, {}.
        guard file.byteCount >= 10 else {
            let size = counted(file.byteCount, "byte")
            throw refusal(path, "has \(size)", expected: "at least 10 bytes")
        }
        let prefix = LittleEndian(bytes: try file.bytes(at: 0, count: 8))
        let announced = prefix.unsigned(at: 0, byteCount: 8) ?? 0
        let limit = min(largestHeaderBytes, file.byteCount - 8)
        guard let headerBytes = Int(exactly: announced), (2...limit).contains(headerBytes) else {
            throw refusal(
                path,
                "announces a header of \(announced) \(announced == 1 ? "byte" : "bytes")",
                expected: "2 to \(limit) bytes in a file of \(file.byteCount)"
            )
        }
        let header = try file.bytes(at: 8, count: headerBytes)
        let dataStart = 8 + headerBytes
        let tensors = try entries(of: header, path: path).map { name, entry in
            StoredTensor(
                file: path,
                fileByteCount: file.byteCount,
                name: name,
                typeText: entry.dtype,
                elementType: ElementType(rawValue: entry.dtype),
                shape: entry.shape,
                offset: entry.offsets[0],
                byteCount: entry.offsets[1] - entry.offsets[0]
            )
        }
        let ordered = tensors.sorted { ($0.offset, $0.byteCount) < ($1.offset, $1.byteCount) }
        var end = 0
        for tensor in ordered {
            guard tensor.offset == end, tensor.byteCount <= file.byteCount - dataStart - end else {
                throw tensor.refusal(
                    "claims bytes \(tensor.offset) to \(tensor.offset + tensor.byteCount)",
                    expected: "bytes from \(end) to at most \(file.byteCount - dataStart)",
                    remedy: "write the file again; it was cut short or its header is wrong"
                )
            }
            try tensor.requireConsistentSize()
            end += tensor.byteCount
        }
        guard end == file.byteCount - dataStart else {
            throw refusal(
                path,
                "holds \(counted(file.byteCount - dataStart, "byte")) of tensors",
                expected: end == 1
                    ? "the one byte that its header describes"
                    : "the \(end) bytes that its header describes"
            )
        }
        return ordered.map { tensor in
            var placed = tensor
            placed.offset += dataStart
            return placed
        }
    }

    /// A tensor that is written.
    struct Entry {
        var name: String
        var type: ElementType
        var shape: [Int]

        var byteCount: Int { shape.reduce(type.byteCount, *) }
    }

    /// The header of a file of these tensors in this order, padded so that they begin at a multiple
    /// of 8.
    static func header(_ tensors: [Entry]) -> [UInt8] {
        var offset = 0
        let entries = tensors.map { tensor in
            let sizes = tensor.shape.map(String.init).joined(separator: ",")
            let end = offset + tensor.byteCount
            defer { offset = end }
            return #""\#(tensor.name)":{"dtype":"\#(tensor.type.rawValue)","shape":[\#(sizes)],"#
                + #""data_offsets":[\#(offset),\#(end)]}"#
        }
        var text = "{\(entries.joined(separator: ","))}"
        text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
        let length = UInt64(text.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + Array(text.utf8)
    }

    private static func entries(
        of header: [UInt8],
        path: String
    ) throws(ExperimentError) -> [String: StoredEntry] {
        do {
            return try JSONDecoder().decode(Header.self, from: Data(header)).tensors
        } catch {
            throw refusal(
                path,
                "has a header that cannot be read",
                expected: "JSON with dtype, shape and data_offsets for every tensor"
            )
        }
    }

    private static func refusal(
        _ path: String,
        _ problem: String,
        expected: String
    ) -> ExperimentError {
        ExperimentError(
            .usage,
            path,
            problem,
            expected: expected,
            remedy: "write the file again, for example with safetensors.numpy.save_file"
        )
    }

    private struct Header: Decodable {
        var tensors: [String: StoredEntry] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: AnyKey.self)
            for key in container.allKeys where key.stringValue != "__metadata__" {
                tensors[key.stringValue] = try container.decode(StoredEntry.self, forKey: key)
            }
        }
    }

    private struct StoredEntry: Decodable {
        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }

        var dtype: String
        var shape: [Int]
        /// Begin and end, counted from the end of the header; `0 ≤ begin ≤ end`.
        var offsets: [Int]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            dtype = try container.decode(String.self, forKey: .dtype)
            shape = try container.decode([Int].self, forKey: .shape)
            offsets = try container.decode([Int].self, forKey: .offsets)
            guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0] else {
                throw DecodingError.dataCorruptedError(
                    forKey: .offsets,
                    in: container,
                    debugDescription: "not a begin and an end"
                )
            }
        }
    }
}
