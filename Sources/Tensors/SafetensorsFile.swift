import Attention
import Files
import FoundationEssentials
import Statistics
import Work

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
                "states a header of \(announced) \(announced == 1 ? "byte" : "bytes")",
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
                    remedy: "write the file again; it is truncated, or its header is wrong"
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

        package var byteCount: Int { shape.reduce(type.byteCount, *) }
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
        // A decoder would guess another encoding. Spaces stand first in files of some writers, and the
        // format's own reader skips them.
        let first = header.first { !JSONText.spaces.contains($0) }
        guard first == UInt8(ascii: "{"), !header.contains(0) else {
            throw refusal(
                path,
                "has a header that does not begin as JSON in UTF-8",
                expected: "an object with dtype, shape and data_offsets for every tensor"
            )
        }
        let content: Header
        do {
            content = try JSONDecoder().decode(Header.self, from: Data(header))
        } catch let fault as HeaderFault {
            throw refusal(path, fault.problem, expected: fault.expected)
        } catch {
            throw refusal(
                path,
                "has a header that is not valid JSON",
                expected: "an object with dtype, shape and data_offsets for every tensor"
            )
        }
        try JSONText.refuseLooseness(in: header, source: "\(path): the header")
        try refuseLooseNumbers(in: header, path)
        return content.tensors
    }

    /// Refuses `2.0`, `2e0` and `-0` as sizes and places: a decoder takes them, and the format's own reader
    /// does not.
    private static func refuseLooseNumbers(
        in header: [UInt8],
        _ path: String
    ) throws(ExperimentError) {
        let loose = JSONText.firstNumber(in: header) { text in
            !text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        guard let loose else { return }
        throw refusal(
            path,
            "has a header with the number \(loose)",
            expected: "whole numbers of 0 or more, in digits"
        )
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
            remedy: "write the file again, for example with safetensors.numpy.save_file, of "
                + "contiguous arrays"
        )
    }

    private struct HeaderFault: Error {
        let problem: String
        let expected: String
    }

    private struct Header: Decodable {
        var tensors: [String: StoredEntry] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: AnyKey.self)
            for key in container.allKeys {
                let name = key.stringValue
                guard name != "__metadata__" else {
                    // MLX writes null where it has nothing to say.
                    if try container.decodeNil(forKey: key) { continue }
                    // The error of a decoder knows less than the rule that is broken here.
                    guard (try? container.decode([String: String].self, forKey: key)) != nil else {
                        throw HeaderFault(
                            problem: "has __metadata__ of the wrong type",
                            expected: "an object of texts"
                        )
                    }
                    continue
                }
                // As above.
                let nested = try? container.nestedContainer(
                    keyedBy: StoredEntry.CodingKeys.self,
                    forKey: key
                )
                guard let nested else {
                    throw HeaderFault(
                        problem: "has a tensor \(name) that is not described by an object",
                        expected: "dtype, shape and data_offsets"
                    )
                }
                tensors[name] = try StoredEntry(nested, name: name)
            }
        }
    }

    private struct StoredEntry {
        package enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }

        var dtype: String
        var shape: [Int]
        /// Begin and end, counted from the end of the header; `0 ≤ begin ≤ end`.
        var offsets: [Int]

        init(_ container: KeyedDecodingContainer<CodingKeys>, name: String) throws {
            func fault(_ key: CodingKeys, _ expected: String) -> HeaderFault {
                HeaderFault(
                    problem: "has an impossible \(key.rawValue) for the tensor \(name)",
                    expected: expected
                )
            }
            // As above.
            guard let dtype = try? container.decode(String.self, forKey: .dtype) else {
                throw fault(.dtype, "a word such as F32")
            }
            // As above.
            guard let shape = try? container.decode([Int].self, forKey: .shape),
                shape.allSatisfy({ $0 >= 0 })
            else { throw fault(.shape, "whole numbers of 0 or more") }
            // As above.
            guard let offsets = try? container.decode([Int].self, forKey: .offsets),
                offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0]
            else { throw fault(.offsets, "a begin and an end, counted from the end of the header") }
            self.dtype = dtype
            self.shape = shape
            self.offsets = offsets
        }
    }
}
