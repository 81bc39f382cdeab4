import Attention
import Files
import TestSupport
import Testing

@testable import Tensors

/// Archives with wrong sizes and places in their headers, and damaged members.
struct ArchiveRefusalTests {
    private func members() -> [(name: String, content: [UInt8])] {
        TensorFixture.sound().tensors.sorted { $0.key < $1.key }.map {
            ("\($0.key).npy", NpyBuilder($0.value.shape, $0.value.content).bytes)
        }
    }

    @discardableResult
    private func refuseZip(
        _ part: String,
        _ change: (inout ZipBuilder) -> Void
    ) throws -> ExperimentError? {
        let folder = try TemporaryFolder()
        var builder = ZipBuilder(members: members())
        change(&builder)
        let path = try folder.write("tensors.npz", builder.bytes)
        return expectRefusal(.usage, naming: path, part) {
            _ = try ExternalTensors(reading: path)
        }
    }

    @Test func `a member in another compression, or encrypted, is refused`() throws {
        try refuseZip("numpy.savez") { $0.method = 12 }
        // A member that is both is refused for its encryption.
        for method in [0, 8, 12] as [UInt16] {
            let encrypted = try refuseZip("k.npy") { ($0.flags, $0.method) = (1, method) }
            #expect(encrypted?.description.contains("password") == true)
        }
    }

    /// Deflated content that is not compressed: blocks of as many bytes.
    private func deflated(_ content: [UInt8], by size: Int = 1000) -> [UInt8] {
        stride(from: 0, to: content.count, by: size).flatMap { start in
            let block = content[start..<min(start + size, content.count)]
            let count = UInt16(block.count)
            return [start + size >= content.count ? 1 : 0] + littleEndian([count, ~count]) + block
        }
    }

    /// Changes a byte, counted from the end if it is negative.
    private func changed(_ bytes: [UInt8], at place: Int) -> [UInt8] {
        var bytes = bytes
        bytes[place < 0 ? bytes.count + place : place] ^= 7
        return bytes
    }

    private func archive(
        _ change: (inout ZipBuilder) -> Void = { _ in }
    ) throws -> ZipBuilder {
        var builder = ZipBuilder(members: members())
        builder.method = 8
        builder.compress = { deflated($0) }
        change(&builder)
        return builder
    }

    @Test func `deflated members are read, and their size is that of the archive`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("tensors.npz", archive().bytes)
        #expect(try ExternalTensors(reading: path).floats(.query) == ramp([120]))
        #expect(try ExternalTensors(reading: path).floats(.value) == ramp([168]))
        // The header of the array asks for other bytes than the archive states.
        let lies: [(Int, inout [UInt32]) -> Void] = [
            { if $0 == 0 { $1[1] += 4 } }, { if $0 == 0 { $1[1] -= 4 } },
            { if $0 == 0 { $1[1] = 0xffff_fff0 } },
        ]
        for lie in lies {
            let path = try folder.write("lie.npz", archive { $0.lie = lie }.bytes)
            expectRefusal(.usage, naming: path, "k") { _ = try ExternalTensors(reading: path) }
        }
    }

    @Test func `what inflates to more or fewer bytes than stated, or to others, is refused`() throws
    {
        let folder = try TemporaryFolder()
        let changes: [([UInt8]) -> [UInt8]] = [
            { deflated($0 + [0]) }, { deflated(Array($0.dropLast())) },
            { deflated($0) + [0] }, { Array(deflated($0).dropLast()) },
            { changed(deflated($0), at: -3) }, { changed(deflated($0, by: 300), at: 305) },
        ]
        for change in changes {
            let builder = try archive { builder in
                builder.compress = { change($0) }
            }
            let path = try folder.write("tensors.npz", builder.bytes)
            let tensors = try ExternalTensors(reading: path)
            expectRefusal(.usage, naming: path, "q.npy") { _ = try tensors.floats(.query) }
        }
    }

    @Test func `a member whose name is not UTF-8 does no harm`() throws {
        let folder = try TemporaryFolder()
        var builder = ZipBuilder(members: members() + [("gr%se.npy", [1, 2, 3])])
        builder.changeName = { $0.map { $0 == UInt8(ascii: "%") ? 0xf6 : $0 } }
        let path = try folder.write("tensors.npz", builder.bytes)
        let tensors = try ExternalTensors(reading: path)
        #expect(tensors.ignoredNames == ["gr\u{f6}se"])
        #expect(try tensors.floats(.query) == ramp([120]))
    }

    /// The archive of sound members with one bit flipped, some bytes before the end of one.
    private func damaged(_ member: String, bytesFromEnd: Int) throws -> [UInt8] {
        let builder = ZipBuilder(members: members())
        var bytes = builder.bytes
        let content = try #require(builder.members.first { $0.name == member }).content
        let start = try #require(
            bytes.indices.first { bytes[$0...].starts(with: content) }
        )
        bytes[start + content.count - bytesFromEnd] ^= 0x10
        return bytes
    }

    @Test(arguments: [("q", 1), ("k", 280), ("v", 672)])
    func `a member with another checksum is refused`(
        name: String,
        bytesFromEnd: Int
    ) throws {
        let folder = try TemporaryFolder()
        let bytes = try damaged("\(name).npy", bytesFromEnd: bytesFromEnd)
        let tensors = try ExternalTensors(reading: folder.write("tensors.npz", bytes))
        let sound = try #require(members().first { $0.name == "\(name).npy" }).content
        var changed = sound
        changed[changed.count - bytesFromEnd] ^= 0x10
        for (tensor, letter) in [(TensorName.query, "q"), (.key, "k"), (.value, "v")] {
            guard letter == name else {
                _ = try tensors.floats(tensor)
                continue
            }
            let digits = [crc32(changed), crc32(sound)].map { String($0, radix: 16) }
            expectRefusal(
                .usage,
                naming: "tensors.npz",
                "\(name).npy",
                "\(String(repeating: "0", count: 8 - digits[0].count))\(digits[0])",
                "\(String(repeating: "0", count: 8 - digits[1].count))\(digits[1])"
            ) { _ = try tensors.floats(tensor) }
        }
    }

    @Test func `damage is refused before the lengths or mask that it changed`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        fixture.set("lengths", "I64", [2], littleEndian([1, 2] as [Int64]))
        fixture.set("mask", "BOOL", [3, 7], [UInt8](repeating: 1, count: 21))
        let path = try fixture.write(.npz, in: folder)
        for (name, pattern) in [
            ("lengths.npy", littleEndian([1, 2] as [Int64])),
            ("mask.npy", [UInt8](repeating: 1, count: 21)),
        ] {
            var bytes = try folder.bytes("tensors.npz")
            let start = try #require(
                bytes.indices.first { bytes[$0...].starts(with: pattern) }
            )
            bytes[start + 7] = 0x80
            let tensors = try ExternalTensors(reading: folder.write("damaged.npz", bytes))
            expectRefusal(.usage, naming: name) {
                if name == "mask.npy" {
                    _ = try tensors.loaded(.visibility, as: UInt8.self, zero: 0)
                } else {
                    _ = try tensors.loaded(.lengths, as: Int32.self, zero: 0)
                }
            }
        }
        #expect(try ExternalTensors(reading: path).floats(.query) == ramp([120]))
    }

    @Test func `the table of contents has the checksums that follow their members`() throws {
        let folder = try TemporaryFolder()
        var builder = ZipBuilder(members: members())
        (builder.flags, builder.localChecksum) = (8, 0)
        let path = try folder.write("tensors.npz", builder.bytes)
        #expect(try ExternalTensors(reading: path).floats(.query) == ramp([120]))
    }

    @Test func `a compressed member that is not needed does no harm`() throws {
        let folder = try TemporaryFolder()
        var builder = ZipBuilder(members: members() + [("other.npy", [1, 2, 3])])
        builder.lie = { index, fields in if index == 3 { fields[0] = 77 } }
        let path = try folder.write("tensors.npz", builder.bytes)
        #expect(try ExternalTensors(reading: path).ignoredNames == ["other"])
    }

    @Test func `a member that lies about its size or place is refused by name`() throws {
        for large in [false, true] {
            try refuseZip("k.npy") { builder in
                builder.isLarge = large
                builder.lie = { if $0 == 0 { $1[0] += 1 } }
            }
            try refuseZip("tensor k") { builder in
                builder.isLarge = large
                builder.lie = { index, fields in
                    if index == 0 { (fields[0], fields[1]) = (fields[0] - 1, fields[1] - 1) }
                }
            }
            try refuseZip("q.npy") { builder in
                builder.isLarge = large
                builder.lie = { if $0 == 1 { $1[2] = 0 } }
            }
            try refuseZip("v.npy") { builder in
                builder.isLarge = large
                builder.lie = { if $0 == 2 { $1[2] = 0xffff_fff0 } }
            }
            try refuseZip("v.npy") { builder in
                builder.isLarge = large
                builder.lie = { if $0 == 2 { ($1[0], $1[1]) = (0xffff_fff0, 0xffff_fff0) } }
            }
        }
    }

    @Test func `two members in one place are refused`() throws {
        try refuseZip("k.npy") { builder in
            builder.members = [builder.members[0], builder.members[0], builder.members[2]]
            builder.lie = { if $0 == 1 { $1[2] = 0 } }
        }
    }

    @Test func `64-bit sizes are read, and a missing 64-bit size is refused`() throws {
        let folder = try TemporaryFolder()
        var builder = ZipBuilder(members: members())
        builder.isLarge = true
        let path = try folder.write("tensors.npz", builder.bytes)
        #expect(try ExternalTensors(reading: path).floats(.query) == ramp([120]))
        let refusal = try refuseZip("numpy.savez") { builder in
            builder.lie = { if $0 == 0 { $1[2] = .max } }
        }
        // The table of contents is at fault, not a member.
        #expect(refusal?.subject.hasSuffix("tensors.npz") == true)
    }

    @Test func `a file that is no archive is refused`() throws {
        let folder = try TemporaryFolder()
        for content in [[], [0x50, 0x4b], [UInt8](repeating: 0, count: 100)] as [[UInt8]] {
            for name in ["a.npz", "a.safetensors"] {
                let path = try folder.write(name, content)
                expectRefusal(naming: path) { _ = try ExternalTensors(reading: path) }
            }
        }
    }

    @Test func `a file too short for a header is refused with its size and the least`() throws {
        let folder = try TemporaryFolder()
        for count in [1, 8, 9] {
            let path = try folder.write("a.safetensors", [UInt8](repeating: 0, count: count))
            let size = count == 1 ? "1 byte" : "\(count) bytes"
            let refusal = expectRefusal(.usage, of: path, naming: " \(size)") {
                _ = try ExternalTensors(reading: path)
            }
            #expect(refusal?.expected.contains("10 bytes") == true)
        }
    }

    private func refuseSafetensors(
        _ parts: String...,
        change: (inout SafetensorsBuilder) -> Void
    ) throws {
        let folder = try TemporaryFolder()
        var builder = SafetensorsBuilder()
        builder.tensors = TensorFixture.sound().tensors.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.type, $0.value.shape, $0.value.content)
        }
        change(&builder)
        let path = try folder.write("tensors.safetensors", builder.bytes)
        expectRefusal(.usage, naming: [path] + parts) { _ = try ExternalTensors(reading: path) }
    }

    @Test func `a header longer than its file, or than any, is refused`() throws {
        for length in [0, 1, 1 << 20, 100_000_001, 1 << 63, UInt64.max] as [UInt64] {
            let bytes = length == 1 ? "byte" : "bytes"
            try refuseSafetensors(" \(length) \(bytes)") { $0.headerBytes = length }
        }
    }

    @Test(arguments: [
        "", "{", "[]", "{\"q\":1}", "{\"q\":{}}",
        #"{"q":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0,4e99]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775808]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#,
        #"{"q":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}"#,
        #"{"q":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,4]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
        #"{"q":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"k":{"dtype":"F32","shape":[4],"#
            + #""data_offsets":[8,24]}}"#,
        #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"k":{"dtype":"F32","shape":[1],"#
            + #""data_offsets":[0,4]}}"#,
    ])
    func `a header that lies about sizes or places is refused`(header: String) throws {
        try refuseSafetensors("tensors.safetensors") { $0.header = header }
    }

    @Test func `bytes that no tensor claims are refused, and so are too few`() throws {
        try refuseSafetensors("1716 bytes", "1712 bytes") { builder in
            builder.tensors[2].content.append(contentsOf: [0, 0, 0, 0])
            builder.header = Header.sound
        }
        try refuseSafetensors("tensor v", "1712", "1708") { builder in
            builder.tensors[2].content.removeLast(4)
            builder.header = Header.sound
        }
    }

    /// The true header of the sound tensors.
    private enum Header {
        static let sound =
            #"{"k":{"dtype":"F32","shape":[2,2,7,5],"data_offsets":[0,560]},"#
            + #""q":{"dtype":"F32","shape":[2,4,3,5],"data_offsets":[560,1040]},"#
            + #""v":{"dtype":"F32","shape":[2,2,7,6],"data_offsets":[1040,1712]}}"#
    }
}
