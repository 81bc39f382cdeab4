import Attention
import TestSupport
import Testing

@testable import Tensors

/// Files with wrong tensors, each refused by file and tensor.
struct TensorRefusalTests {
    struct Fault: Sendable, CustomStringConvertible {
        /// What the refusal has to name.
        var names: [String]
        var change: @Sendable (inout TensorFixture) -> Void

        init(_ names: String..., change: @escaping @Sendable (inout TensorFixture) -> Void) {
            self.names = names
            self.change = change
        }

        var description: String { names.joined(separator: " ") }
    }

    @Test(
        arguments: [
            Fault("query") { $0.tensors["q"] = nil },
            Fault("key") { $0.tensors["k"] = nil },
            Fault("value") { $0.tensors["v"] = nil },
            Fault("tensor query") { $0.setFloats("query", [2, 4, 3, 5]) },
            Fault("tensor k", "[2, 7, 5]") { $0.setFloats("k", [2, 7, 5]) },
            Fault("tensor q", "[5]") { $0.setFloats("q", [5]) },
            Fault("tensor q", "[1, 2, 4, 3, 5]") { $0.setFloats("q", [1, 2, 4, 3, 5]) },
            Fault("tensor q", "[2, 4, 0, 5]") { $0.setFloats("q", [2, 4, 0, 5]) },
            Fault("tensor k", "[3, 2, 7, 5]") { $0.setFloats("k", [3, 2, 7, 5]) },
            Fault("tensor k", "[2, 2, 7, 6]") { $0.setFloats("k", [2, 2, 7, 6]) },
            Fault("tensor k", "[2, 3, 7, 5]") {
                $0.setFloats("k", [2, 3, 7, 5])
                $0.setFloats("v", [2, 3, 7, 5])
            },
            Fault("tensor v", "[2, 4, 7, 6]") { $0.setFloats("v", [2, 4, 7, 6]) },
            Fault("tensor v", "[2, 2, 8, 6]") { $0.setFloats("v", [2, 2, 8, 6]) },
            Fault("tensor k", "[2, 2, 7, 5]") { $0.setFloats("v", [2, 2, 3, 6]) },
            Fault("tensor v", "[2, 2, 7, 513]") { $0.setFloats("v", [2, 2, 7, 513]) },
            Fault("tensor q") {
                $0.set("q", "C64", [1, 1, 1, 1], littleEndian([UInt64(0)]))
            },
            Fault("tensor v") {
                $0.set("v", "I32", [2, 2, 7, 6], littleEndian([Int32](repeating: 0, count: 168)))
            },
            Fault("tensor lengths") { $0.setFloats("lengths", [2]) },
            Fault("tensor lengths", "[3]") {
                $0.set("lengths", "I32", [3], littleEndian([1, 2, 3] as [Int32]))
            },
            Fault("tensor lengths", "[2, 7]") {
                $0.set("lengths", "I32", [2, 7], littleEndian([Int32](repeating: 1, count: 14)))
            },
            Fault("tensor mask") { $0.setFloats("mask", [3, 7]) },
            Fault("tensor mask", "[7, 3]") {
                $0.set("mask", "BOOL", [7, 3], [UInt8](repeating: 1, count: 21))
            },
            Fault("tensor mask", "[21]") {
                $0.set("mask", "BOOL", [21], [UInt8](repeating: 1, count: 21))
            },
            Fault("tensor mask", "[3, 3, 7]") {
                $0.set("mask", "BOOL", [3, 3, 7], [UInt8](repeating: 1, count: 63))
            },
            Fault("tensor mask", "[1, 2, 3, 7]") {
                $0.set("mask", "BOOL", [1, 2, 3, 7], [UInt8](repeating: 1, count: 42))
            },
        ],
        FixtureFormat.allCases
    )
    func `tensors that do not belong together are refused by name`(
        fault: Fault,
        format: FixtureFormat
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        fault.change(&fixture)
        let path = try fixture.write(format, in: folder)
        expectRefusal(.usage, naming: [path] + fault.names) {
            _ = try ExternalTensors(reading: path)
        }
    }

    @Test(
        arguments: [
            ("q", "I32", "q, numpy.float32", "q.float()"),
            ("k", "I32", "k, numpy.float32", "k.float()"),
            ("lengths", "F64", "lengths, numpy.int64", "lengths.long()"),
            ("mask", "F64", "mask == 0", "(mask == 0)"),
            ("mask", "I32", "mask != 0", "(mask != 0)"),
        ],
        FixtureFormat.allCases
    )
    func `a tensor of another type is refused with a conversion`(
        tensor: (name: String, type: String, numpy: String, torch: String),
        format: FixtureFormat
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let shapes = ["q": [2, 4, 3, 5], "k": [2, 2, 7, 5], "lengths": [2], "mask": [3, 7]]
        let shape = try #require(shapes[tensor.name])
        let size = tensor.type == "F64" ? 8 : 4
        let zeros = [UInt8](repeating: 0, count: shape.reduce(size, *))
        fixture.set(tensor.name, tensor.type, shape, zeros)
        let path = try fixture.write(format, in: folder)
        let refusal = expectRefusal(
            .usage,
            naming: "tensor \(tensor.name)",
            "numpy.ascontiguousarray(\(tensor.numpy))"
        ) { _ = try ExternalTensors(reading: path) }
        let namesTorch = refusal?.remedy.contains("\(tensor.torch).contiguous()")
        #expect(namesTorch == (format == .safetensors))
    }

    @Test(
        arguments: [
            (
                "<f4", littleEndian([0, -.infinity, 0, -1e9] as [Float]),
                MaskMeaning.addends(lowest: -.infinity)
            ),
            (">f4", [0x80, 0, 0, 0, 0xc6, 0x1c, 0x40, 0], .addends(lowest: -10000)),
            (
                "F16", littleEndian([Float16(0), -65504].map(\.bitPattern)),
                .addends(lowest: -65504)
            ),
            ("BF16", [0, 0, 0x7f, 0xff], .addends(lowest: -0x1.fep127)),
            ("|V2", [0x80, 0x3f, 0, 0], .flags),
            ("<f8", littleEndian([1, 0, 1].map { (x: Double) in x.bitPattern }), .flags),
            ("|i1", [1, 0], .flags), ("<u2", [1, 0, 0, 0], .flags),
            (">i8", [0, 0, 0, 0, 0, 0, 0, 1], .flags),
            ("<i4", littleEndian([0, -10000] as [Int32]), .addends(lowest: -10000)),
            ("<i4", littleEndian([0, -9999] as [Int32]), .neither(index: 1, -9999)),
            ("<i4", littleEndian([1, 0, -10000] as [Int32]), .neither(index: 2, -10000)),
            ("<i4", littleEndian([-10000, 0, 1] as [Int32]), .neither(index: 2, 1)),
            ("<i8", littleEndian([0, 1, 2] as [Int64]), .neither(index: 2, 2)),
            ("F32", littleEndian([0, 0.5] as [Float]), .neither(index: 1, 0.5)),
            ("F32", littleEndian([0, .infinity] as [Float]), .neither(index: 1, .infinity)),
            ("F32", littleEndian([0, 0] as [Float]), .zeros), ("U16", [], .zeros),
        ] as [(String, [UInt8], MaskMeaning)]
    )
    func `a mask's numbers say what it means`(
        type: String,
        content: [UInt8],
        meaning: MaskMeaning
    ) throws {
        let folder = try TemporaryFolder()
        let tensor = StoredTensor(
            file: try folder.write("mask", [9, 9, 9] + content),
            fileByteCount: content.count + 3,
            name: "mask",
            typeText: type,
            elementType: ElementType(rawValue: type) ?? ElementType(numpy: type),
            isBigEndian: type.hasPrefix(">"),
            shape: [],
            offset: 3,
            byteCount: content.count
        )
        #expect(try MaskMeaning(of: tensor) == meaning)
    }

    @Test(arguments: [
        "<c8", "|V1", "<V4", "<f1", "|S3", "<U3", "<M8[ns]", "C64", "F8_E4M3", "|O", "",
    ])
    func `a type without plain numbers is none of ours`(type: String) {
        #expect(ElementType(numpy: type) == nil && ElementType(rawValue: type) == nil)
    }

    @Test func `an input that is missing or of another kind is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        expectRefusal(.environment, naming: "\(path)/none.npz", "No such file") {
            _ = try ExternalTensors(reading: "\(path)/none.npz")
        }
        for name in ["q.npy", "model.pt"] {
            let file = try folder.write(name, NpyBuilder([1, 1, 1, 1]).bytes)
            expectRefusal(.usage, naming: file, ".safetensors") {
                _ = try ExternalTensors(reading: file)
            }
        }
    }

    @Test(arguments: [
        (#"{"q":ENTRY,"q":ENTRY}"#, "“q”"),
        (#"{"q":ENTRY,}"#, "header"),
        (#"{"q":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, "1.0"),
        (#"{"q":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#, "1e0"),
        (#"{"q":{"dtype":"F32","shape":[1],"data_offsets":[-0,4]}}"#, "-0"),
        ("\u{feff}{\"q\":ENTRY}", "JSON"),
        (#"{"q":ENTRY"#, "JSON"),
        (#"{"q":[1]}"#, "tensor q"),
        (#"{"__metadata__":[1],"q":ENTRY}"#, "__metadata__"),
        (#"{"__metadata__":{"a":1},"q":ENTRY}"#, "__metadata__"),
        (#"{"q":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}"#, "dtype"),
        (#"{"q":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "shape"),
        (#"{"q":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}"#, "shape"),
        (#"{"q":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "data_offsets"),
        (#"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, "data_offsets"),
        (
            #"{"q":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775808]}}"#,
            "data_offsets"
        ),
    ])
    func `a header that breaks a rule is refused with the part at fault`(
        header: String,
        part: String
    ) throws {
        let entry = #"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
        let bytes = Array(header.replacing("ENTRY", with: entry).utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) }
        let folder = try TemporaryFolder()
        let file = try folder.write("t.safetensors", length + bytes + [0, 0, 0, 0])
        expectRefusal(.usage, naming: file, part) { _ = try ExternalTensors(reading: file) }
    }

    private func refuseNpy(_ part: String, _ change: (inout NpyBuilder) -> Void) throws {
        let folder = try TemporaryFolder()
        _ = try TensorFixture.sound().write(.folder, in: folder)
        var builder = NpyBuilder([2, 4, 3, 5])
        change(&builder)
        let file = try folder.write("q.npy", builder.bytes)
        let path = folder.path
        expectRefusal(.usage, naming: file, "tensor q", part) {
            _ = try ExternalTensors(reading: path)
        }
    }

    @Test func `an array of another type or version is refused`() throws {
        try refuseNpy("<c8") { ($0.descriptor, $0.content) = ("<c8", $0.content + $0.content) }
        try refuseNpy("|V1") { $0.descriptor = "|V1" }
        try refuseNpy("|V4") { $0.descriptor = "|V4" }
        try refuseNpy("4.0") { $0.major = 4 }
        try refuseNpy("0.0") { $0.major = 0 }
    }

    @Test func `bfloat16 that became integers is refused without a conversion of these`() throws {
        let folder = try TemporaryFolder()
        _ = try TensorFixture.sound().write(.folder, in: folder)
        let content = [UInt8](repeating: 0, count: 240)
        _ = try folder.write("q.npy", NpyBuilder([2, 4, 3, 5], content, descriptor: "<u2").bytes)
        let refusal = expectRefusal(.usage, naming: "tensor q", "<u2") {
            _ = try ExternalTensors(reading: folder.path)
        }
        #expect(refusal?.remedy.contains("numpy.float32") == false)
        #expect(refusal?.remedy.contains("Paddle") == true)
    }

    @Test func `a double that no float is near is refused, except where it hides`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture.sound()
        let lowest = -Double.greatestFiniteMagnitude
        func doubles(_ count: Int, _ last: Double) -> [UInt8] {
            littleEndian((0..<count).map { ($0 == count - 1 ? last : 0.5).bitPattern })
        }
        fixture.set("bias", "F64", [3, 7], doubles(21, lowest))
        fixture.set("v", "F64", [2, 2, 7, 6], doubles(168, 1e300))
        let tensors = try ExternalTensors(reading: fixture.write(.npz, in: folder))
        #expect(tensors.mask.visibility == .none)
        #expect(try tensors.floats(.bias).last == -Mask.largestBias)
        expectRefusal(.usage, naming: "tensor v", "1e+300") { _ = try tensors.floats(.value) }
    }

    @Test func `an array with more or fewer bytes than its shape is refused`() throws {
        try refuseNpy("479") { $0.content.removeLast() }
        try refuseNpy("481") { $0.content.append(0) }
        try refuseNpy("2⁶³") { $0.shape = [1 << 40, 1 << 40, 1, 1] }
        try refuseNpy("480") { $0.shape = [2, 4, 3, .max] }
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 3, }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3LL,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } 1",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f4' 'fortran_order': False 'shape': (3,) }",
    ])
    func `an array whose header is no plain dictionary is refused`(dictionary: String) throws {
        try refuseNpy("header") { $0.dictionary = dictionary }
    }

    @Test(arguments: [UInt8(1), 2, 3])
    func `every version of the npy format is read, with keys in any order`(
        version: UInt8
    ) throws {
        let folder = try TemporaryFolder()
        _ = try TensorFixture.sound().write(.folder, in: folder)
        var builder = NpyBuilder([2, 4, 3, 5])
        builder.major = version
        builder.dictionary = "{\"shape\":(2,4,3,5),'fortran_order':False,'descr':'<f4'}  "
        _ = try folder.write("q.npy", builder.bytes)
        #expect(try ExternalTensors(reading: folder.path).floats(.query) == ramp([120]))
    }
}
