import Attention
import TestSupport
import Testing

@testable import Tensors

/// Tensors `[B,L,H·D]`, prefixes of names, and the names of projections.
struct PackedHeadsTests {
    /// The rows of [B,H,L,D] with the heads side by side.
    private func packed(_ shape: [Int]) -> (shape: [Int], content: [UInt8]) {
        let (b, h, l, d) = (shape[0], shape[1], shape[2], shape[3])
        let elements = ramp(shape)
        var content: [Float] = []
        for batch in 0..<b {
            for row in 0..<l {
                for head in 0..<h {
                    let start = ((batch * h + head) * l + row) * d
                    content += elements[start..<start + d]
                }
            }
        }
        return ([b, l, h * d], littleEndian(content))
    }

    private func fixture(prefix: String = "") -> TensorFixture {
        var fixture = TensorFixture()
        for (name, sizes) in [("q", [2, 4, 3, 5]), ("k", [2, 2, 7, 5]), ("v", [2, 2, 7, 6])] {
            let (shape, content) = packed(sizes)
            fixture.set("\(prefix)\(name)_proj", "F32", shape, content)
        }
        return fixture
    }

    private func check(_ tensors: ExternalTensors) throws {
        #expect(tensors.layout == .bld)
        #expect(tensors.outputShape == [2, 4, 3, 6])
        #expect(tensors.shape.keyValueHeads == 2)
        #expect(try tensors.floats(.query) == ramp([2, 4, 3, 5]))
        #expect(try tensors.floats(.key) == ramp([2, 2, 7, 5]))
        #expect(try tensors.floats(.value) == ramp([2, 2, 7, 6]))
    }

    @Test(arguments: FixtureFormat.allCases)
    func `stated heads split rows that hold several`(format: FixtureFormat) throws {
        let folder = try TemporaryFolder()
        let path = try fixture().write(format, in: folder)
        try check(ExternalTensors(reading: path, stated: StatedHeads(heads: 4)))
        try check(
            ExternalTensors(
                reading: path,
                layout: .bld,
                stated: StatedHeads(heads: 4, keyValueHeads: 2)
            )
        )
    }

    @Test func `heads that do not divide the columns are refused, and so are none`() throws {
        let folder = try TemporaryFolder()
        let path = try fixture().write(.npz, in: folder)
        expectRefusal(.usage, naming: path, "tensor q_proj", "--heads 3") {
            _ = try ExternalTensors(
                reading: path,
                layout: .bld,
                stated: StatedHeads(heads: 3)
            )
        }
        expectRefusal(.usage, naming: path, "--heads") {
            _ = try ExternalTensors(reading: path, layout: .bld)
        }
        expectRefusal(.usage, naming: path, "--kv-heads 4") {
            _ = try ExternalTensors(
                reading: path,
                layout: .bld,
                stated: StatedHeads(heads: 4, keyValueHeads: 4)
            )
        }
    }

    @Test func `as many matrices as stated heads are heads, and doubted`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        for name in ["q", "k", "v"] { fixture.setFloats(name, [4, 3, 8]) }
        let path = try fixture.write(.npz, in: folder)
        let tensors = try ExternalTensors(reading: path, stated: StatedHeads(heads: 4))
        #expect(tensors.layout == .bhld && tensors.shape.heads == 4)
        #expect(tensors.layoutDoubt?.remedy.contains("--layout bld") == true)
        let unstated = try ExternalTensors(reading: path).layoutDoubt
        #expect(unstated?.remedy.contains("--layout bld") != true)
    }

    @Test(arguments: FixtureFormat.allCases)
    func `a prefix finds the tensors of one module, and is named where it is missing`(
        format: FixtureFormat
    ) throws {
        let folder = try TemporaryFolder()
        let prefix = "model.layers.0.self_attn."
        let path = try fixture(prefix: prefix).write(format, in: folder)
        let heads = StatedHeads(heads: 4)
        try check(ExternalTensors(reading: path, prefix: prefix, stated: heads))
        expectRefusal(.usage, naming: path, format == .folder ? "tensor q" : "--tensors \(prefix)")
        {
            _ = try ExternalTensors(reading: path, stated: heads)
        }
    }

    @Test func `a tensor of its own name comes before that of a projection`() throws {
        let folder = try TemporaryFolder()
        var fixture = fixture()
        for (name, tensor) in TensorFixture.sound().tensors { fixture.tensors[name] = tensor }
        let tensors = try ExternalTensors(reading: fixture.write(.npz, in: folder))
        #expect(tensors.layout == .bhld && tensors.shape.headDimension == 5)
        #expect(tensors.ignoredNames == ["k_proj", "q_proj", "v_proj"])
    }
}
