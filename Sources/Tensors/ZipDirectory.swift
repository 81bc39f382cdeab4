import Attention
import Files
import Statistics
import Work

/// The table of contents of a ZIP file, with the 64-bit extension that NumPy uses above 4 GiB.
///
/// Members are looked up in the central directory, whose sizes are right even where the local
/// headers leave them open, as is the checksum, which is compared when a member is read. The layout
/// is that of PKWARE's APPNOTE 6.3.
struct ZipDirectory {
    struct Member: Equatable {
        var name: String
        /// As the archive has it, in whatever encoding.
        var nameBytes: [UInt8]
        /// 0 is stored, 8 is deflated.
        var method: Int
        var isEncrypted: Bool
        var storedByteCount: Int
        package var byteCount: Int
        /// CRC-32 of its content.
        var checksum: UInt32
        /// Where its local header begins.
        var headerOffset: Int
    }

    /// The largest table that is read; no tensor file has a larger one.
    static let largestDirectoryBytes = 64 << 20

    private(set) var members: [Member] = []
    /// Where the table begins, and so where members must have ended.
    private(set) var offset = 0
    private let path: String

    init(of file: borrowing OpenFile) throws(ExperimentError) {
        path = file.path
        let end = try Self.findEnd(of: file)
        guard end.byteCount <= Self.largestDirectoryBytes,
            end.offset <= end.position, end.byteCount <= end.position - end.offset
        else {
            throw Self.refusal(path, "has a table of contents outside of the file")
        }
        offset = end.offset
        let table = LittleEndian(bytes: try file.bytes(at: end.offset, count: end.byteCount))
        var position = 0
        while position < table.bytes.count {
            guard let (member, next) = Self.member(in: table, at: position) else {
                throw Self.refusal(path, "has a damaged table of contents")
            }
            members.append(member)
            position = next
        }
        guard members.count == end.memberCount else {
            throw Self.refusal(
                path,
                "lists \(counted(members.count, "member")), but states \(end.memberCount)"
            )
        }
    }

    /// The range of a member's content, from its local header.
    func range(
        of member: Member,
        in file: borrowing OpenFile
    ) throws(ExperimentError) -> Range<Int> {
        let damaged = Self.refusal(
            "\(path): member \(member.name)",
            "is not where the table of contents says"
        )
        guard member.headerOffset <= offset - 30 else { throw damaged }
        let header = LittleEndian(bytes: try file.bytes(at: member.headerOffset, count: 30))
        guard header.unsigned(at: 0, byteCount: 4) == 0x0403_4b50,
            header.integer(at: 8, byteCount: 2) == member.method,
            let nameBytes = header.integer(at: 26, byteCount: 2),
            let extraBytes = header.integer(at: 28, byteCount: 2),
            nameBytes + extraBytes <= offset - member.headerOffset - 30
        else { throw damaged }
        let name = try file.bytes(at: member.headerOffset + 30, count: nameBytes)
        let start = member.headerOffset + 30 + nameBytes + extraBytes
        guard name == member.nameBytes, member.storedByteCount <= offset - start else {
            throw damaged
        }
        return start..<start + member.storedByteCount
    }

    /// What the end record says, and where it (or its 64-bit form) stands.
    private struct End {
        var position: Int
        var memberCount: Int
        var offset: Int
        package var byteCount: Int
    }

    private static func findEnd(of file: borrowing OpenFile) throws(ExperimentError) -> End {
        // The record is 22 bytes and a comment of at most 65535.
        let tailBytes = min(file.byteCount, 22 + 65_535)
        let tailStart = file.byteCount - tailBytes
        let tail = LittleEndian(bytes: try file.bytes(at: tailStart, count: tailBytes))
        let found = stride(from: tailBytes - 22, through: 0, by: -1).first { position in
            tail.bytes[position] == 0x50
                && tail.unsigned(at: position, byteCount: 4) == 0x0605_4b50
                && tail.integer(at: position + 20, byteCount: 2) == tailBytes - position - 22
        }
        guard let found, let memberCount = tail.integer(at: found + 10, byteCount: 2),
            let byteCount = tail.integer(at: found + 12, byteCount: 4),
            let offset = tail.integer(at: found + 16, byteCount: 4)
        else {
            throw refusal(file.path, "has no table of contents at its end")
        }
        let position = tailStart + found
        guard memberCount == 0xffff || byteCount == 0xffff_ffff || offset == 0xffff_ffff else {
            return End(
                position: position,
                memberCount: memberCount,
                offset: offset,
                byteCount: byteCount
            )
        }
        return try findLargeEnd(of: file, before: position)
    }

    private static func findLargeEnd(
        of file: borrowing OpenFile,
        before end: Int
    ) throws(ExperimentError) -> End {
        let damaged = refusal(
            file.path,
            "has no 64-bit table of contents, although it refers to one"
        )
        guard end >= 20 else { throw damaged }
        let locator = LittleEndian(bytes: try file.bytes(at: end - 20, count: 20))
        guard locator.unsigned(at: 0, byteCount: 4) == 0x0706_4b50,
            let position = locator.integer(at: 8, byteCount: 8), position <= end - 20 - 56
        else { throw damaged }
        let record = LittleEndian(bytes: try file.bytes(at: position, count: 56))
        guard record.unsigned(at: 0, byteCount: 4) == 0x0606_4b50,
            let memberCount = record.integer(at: 32, byteCount: 8),
            let byteCount = record.integer(at: 40, byteCount: 8),
            let offset = record.integer(at: 48, byteCount: 8)
        else { throw damaged }
        return End(
            position: position,
            memberCount: memberCount,
            offset: offset,
            byteCount: byteCount
        )
    }

    /// The member described at `position`, and where the next description begins.
    private static func member(
        in table: LittleEndian,
        at position: Int
    ) -> (Member, next: Int)? {
        guard table.unsigned(at: position, byteCount: 4) == 0x0201_4b50,
            let flags = table.integer(at: position + 8, byteCount: 2),
            let method = table.integer(at: position + 10, byteCount: 2),
            let checksum = table.unsigned(at: position + 16, byteCount: 4),
            var storedByteCount = table.integer(at: position + 20, byteCount: 4),
            var byteCount = table.integer(at: position + 24, byteCount: 4),
            let nameBytes = table.integer(at: position + 28, byteCount: 2),
            let extraBytes = table.integer(at: position + 30, byteCount: 2),
            let commentBytes = table.integer(at: position + 32, byteCount: 2),
            var headerOffset = table.integer(at: position + 42, byteCount: 4)
        else { return nil }
        let extraStart = position + 46 + nameBytes
        let next = extraStart + extraBytes + commentBytes
        guard next <= table.bytes.count else { return nil }
        let name = Array(table.bytes[position + 46..<extraStart])
        var large = LargeFields(table: table, range: extraStart..<extraStart + extraBytes)
        // The order is the format's; a field is there only when the short one is full.
        guard large.replace(&byteCount), large.replace(&storedByteCount),
            large.replace(&headerOffset)
        else { return nil }
        let member = Member(
            name: Self.text(of: name),
            nameBytes: name,
            method: method,
            isEncrypted: flags & 1 != 0,
            storedByteCount: storedByteCount,
            byteCount: byteCount,
            checksum: UInt32(truncatingIfNeeded: checksum),
            headerOffset: headerOffset
        )
        return (member, next)
    }

    /// A name that is not UTF-8 is one in the encoding of some machine: each byte becomes a letter, of
    /// which no two are alike.
    private static func text(of name: [UInt8]) -> String {
        String(validating: name, as: UTF8.self)
            ?? String(String.UnicodeScalarView(name.map { Unicode.Scalar($0) }))
    }

    /// The 64-bit fields among a member's extra fields, taken one after the other.
    private struct LargeFields {
        let table: LittleEndian
        private var position = 0
        private var end = 0

        init(table: LittleEndian, range: Range<Int>) {
            self.table = table
            var field = range.lowerBound
            while field <= range.upperBound - 4,
                let kind = table.integer(at: field, byteCount: 2),
                let byteCount = table.integer(at: field + 2, byteCount: 2)
            {
                if kind == 1 {
                    position = field + 4
                    end = min(position + byteCount, range.upperBound)
                    return
                }
                field += 4 + byteCount
            }
        }

        /// Replaces a full 32-bit field; false when its 64-bit form is not there.
        mutating func replace(_ field: inout Int) -> Bool {
            guard field == 0xffff_ffff else { return true }
            guard position <= end - 8, let large = table.integer(at: position, byteCount: 8) else {
                return false
            }
            field = large
            position += 8
            return true
        }
    }

    static func refusal(_ subject: String, _ problem: String) -> ExperimentError {
        ExperimentError(
            .usage,
            subject,
            problem,
            expected: "a complete .npz file",
            remedy: "write it again with numpy.savez; it is truncated or damaged"
        )
    }
}
