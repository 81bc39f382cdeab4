import Attention
import TestSupport
import Testing

@testable import Files
@testable import Tensors

/// The weights of layers, found in files by the names that libraries give them.
struct ExternalLayerTests {
    /// E of all layers here; heads have 3 columns.
    private static let e = 12
    private static let heads = 4

    private static let pyTorch: [(String, [Int])] = [
        ("in_proj_weight", [3 * e, e]), ("in_proj_bias", [3 * e]), ("out_proj.weight", [e, e]),
        ("out_proj.bias", [e]),
    ]
    private static let byHead: [(String, [Int])] = [
        ("qkv_proj.weight", [3 * e, e]), ("qkv_proj.bias", [3 * e]), ("o_proj.weight", [e, e]),
        ("o_proj.bias", [e]),
    ]
    private static let shared: [(String, [Int])] = [
        ("queries.weight", [3, 3]), ("keys.weight", [3, 3]), ("values.weight", [3, 3]),
        ("fc_out.weight", [e, e]), ("fc_out.bias", [e]),
    ]

    private func fixture(
        _ tensors: [(String, [Int])],
        modules: [String] = [""]
    ) -> TensorFixture {
        var fixture = TensorFixture()
        for module in modules {
            for (name, sizes) in tensors { fixture.setFloats(module + name, sizes) }
        }
        return fixture
    }

    private func read(
        _ fixture: TensorFixture,
        _ variant: LayerVariant = .fused,
        module: String? = nil,
        as format: FixtureFormat = .safetensors,
        in folder: borrowing TemporaryFolder
    ) throws -> ExternalLayer {
        try ExternalLayer(
            reading: fixture.write(format, in: folder),
            flag: "--layer",
            module: module,
            as: variant
        )
    }

    private func problem(_ variant: LayerVariant, heads: Int = heads) -> AttentionProblem {
        var problem = AttentionProblem(
            shape: AttentionShape(
                batch: 1,
                heads: heads,
                keyValueHeads: heads,
                queryLength: 5,
                keyLength: 5,
                headDimension: Self.e / heads,
                valueDimension: Self.e / heads
            )
        )
        problem.operation = .multiHead(variant, .itself)
        return problem
    }

    private func floats(
        _ tensor: TensorName,
        of layer: ExternalLayer,
        _ variant: LayerVariant
    ) throws -> [Float] {
        let count = problem(variant).byteCount(of: tensor) / 4
        var floats = [Float](repeating: .nan, count: count)
        _ = try floats.withUnsafeMutableBytes {
            try layer.load(tensor, heads: Self.heads, into: $0)
        }
        return floats
    }

    @Test(
        arguments: FixtureFormat.allCases,
        [
            (LayerVariant.fused, "", pyTorch), (.fused, "layers.3.attn", pyTorch),
            (.shared, "", shared),
        ]
    )
    func `weights are found by their names, in a module or without`(
        format: FixtureFormat,
        given: (variant: LayerVariant, module: String, names: [(String, [Int])])
    ) throws {
        let folder = try TemporaryFolder()
        let module = given.module.isEmpty ? "" : given.module + "."
        var fixture = fixture(given.names, modules: [module])
        fixture.setFloats("embed.weight", [4])
        let layer = try read(fixture, given.variant, as: format, in: folder)
        #expect(layer.module == given.module)
        #expect(layer.embedding == Self.e && layer.missingBiases.isEmpty)
        #expect(layer.names == given.names.map { module + $0.0 }.sorted())
        #expect(layer.ignoredNames == (module.isEmpty && format != .folder ? ["embed.weight"] : []))
        try layer.require(problem(given.variant))
        let tensors = TensorName.parameters.filter { layer.holds($0) }
        #expect(tensors.count == given.names.count)
        for (tensor, (name, sizes)) in zip(tensors, given.names) {
            #expect(try floats(tensor, of: layer, given.variant) == ramp(sizes), "\(name)")
        }
    }

    @Test(arguments: ["F32", "BF16"])
    func `rows by head become rows by projection`(type: String) throws {
        let folder = try TemporaryFolder()
        let d = Self.e / Self.heads
        // Each number is that of its row: 100 · projection + 10 · head + place.
        func rows(_ order: [(projection: Int, head: Int)], columns: Int) -> [Float] {
            order.flatMap { projection, head in
                (0..<d).flatMap { place in
                    [Float](
                        repeating: Float(100 * projection + 10 * head + place),
                        count: columns
                    )
                }
            }
        }
        let byHead = (0..<Self.heads).flatMap { head in (0..<3).map { ($0, head) } }
        let byProjection = (0..<3).flatMap { projection in
            (0..<Self.heads).map { (projection, $0) }
        }
        var fixture = fixture(Self.byHead)
        for (name, sizes) in Self.byHead.prefix(2) {
            let numbers = rows(byHead, columns: sizes.dropFirst().first ?? 1)
            fixture.set(
                name,
                type,
                sizes,
                type == "F32"
                    ? littleEndian(numbers)
                    // Whole numbers up to 256 have the bits.
                    : littleEndian(numbers.map { UInt16($0.bitPattern >> 16) })
            )
        }
        let layer = try read(fixture, in: folder)
        try layer.require(problem(.fused))
        let weights = try floats(.projectionWeights, of: layer, .fused)
        #expect(weights == rows(byProjection, columns: Self.e))
        #expect(
            try floats(.projectionBias, of: layer, .fused) == rows(byProjection, columns: 1)
        )
    }

    @Test func `biases that are not there are zeros`() throws {
        let folder = try TemporaryFolder()
        let layer = try read(fixture([Self.pyTorch[0], Self.pyTorch[2]]), in: folder)
        #expect(layer.missingBiases == ["in_proj_bias", "out_proj.bias"])
        for tensor in [TensorName.projectionBias, .outputBias] {
            #expect(layer.holds(tensor))
            #expect(try floats(tensor, of: layer, .fused).allSatisfy { $0 == 0 })
        }
    }

    @Test func `of several modules one must be named`() throws {
        let folder = try TemporaryFolder()
        let fixture = fixture(Self.pyTorch, modules: ["a.self_attn.", "a.cross_attn.", ""])
        expectRefusal(.usage, naming: "a.cross_attn, a.self_attn", "--module a.") {
            _ = try read(fixture, in: folder)
        }
        #expect(try read(fixture, module: "a.self_attn", in: folder).module == "a.self_attn")
        #expect(try read(fixture, module: "", in: folder).module == "")
        expectRefusal(.usage, of: "--module a", naming: "a.self_attn") {
            _ = try read(fixture, module: "a", in: folder)
        }
        let twice = self.fixture(Self.pyTorch + Self.byHead)
        expectRefusal(.usage, naming: "in_proj_weight", "qkv_proj.weight") {
            _ = try read(twice, in: folder)
        }
    }

    @Test(
        arguments: [
            ("bias_k", "a.", "a.bias_k"), ("bias_v", "", "bias_v"),
            ("in_proj_weight", "", "out_proj.weight"),
        ]
    )
    func `weights of what is not supported are refused by name`(
        name: String,
        module: String,
        part: String
    ) throws {
        let folder = try TemporaryFolder()
        var fixture = fixture(Self.pyTorch, modules: [module])
        fixture.setFloats(module + name, [1, 1, Self.e])
        if name == "in_proj_weight" { fixture = self.fixture([Self.pyTorch[0]]) }
        expectRefusal(.usage, naming: part) { _ = try read(fixture, in: folder) }
        // Another module's are nobody's concern.
        guard !module.isEmpty else { return }
        fixture.tensors["b.\(name)"] = fixture.tensors.removeValue(forKey: module + name)
        _ = try read(fixture, in: folder)
    }

    @Test(arguments: ["q_proj_weight", "k_proj.weight"])
    func `separate projections are refused by name`(name: String) throws {
        let folder = try TemporaryFolder()
        var fixture = fixture(Array(Self.pyTorch.dropFirst()))
        fixture.setFloats(name, [Self.e, 7])
        expectRefusal(.usage, naming: "tensor \(name)", "in_proj_weight") {
            _ = try read(fixture, in: folder)
        }
    }

    @Test func `another kind of layer, or none, is refused with what to give`() throws {
        let folder = try TemporaryFolder()
        expectRefusal(.usage, naming: "--operation multi-head-shared") {
            _ = try read(fixture(Self.shared), in: folder)
        }
        expectRefusal(.usage, naming: "--operation multi-head") {
            _ = try read(fixture(Self.byHead), .shared, in: folder)
        }
        expectRefusal(.usage, naming: "queries.weight", "--layer") {
            _ = try read(fixture([("q", [1])]), .shared, in: folder)
        }
        var biased = fixture(Self.shared)
        biased.setFloats("keys.bias", [3])
        expectRefusal(.usage, naming: "tensor keys.bias") {
            _ = try read(biased, .shared, in: folder)
        }
    }

    @Test(
        arguments: [
            ("in_proj_weight", [e, 3 * e]), ("in_proj_bias", [3 * e, 1]),
            ("out_proj.weight", [e, e - 1]), ("out_proj.weight", [e]), ("out_proj.bias", [e + 1]),
        ] as [(String, [Int])]
    )
    func `weights of another shape or type are refused`(name: String, sizes: [Int]) throws {
        let folder = try TemporaryFolder()
        var fixture = fixture(Self.pyTorch)
        fixture.setFloats(name, sizes)
        expectRefusal(.usage, naming: "tensor \(name)", "\(sizes)") {
            try read(fixture, in: folder).require(problem(.fused))
        }
        let count = sizes.reduce(1, *)
        fixture.set(name, "I64", sizes, littleEndian([Int64](repeating: 1, count: count)))
        expectRefusal(.usage, naming: "tensor \(name)", "I64") {
            _ = try read(fixture, in: folder)
        }
    }

    @Test func `weights whose rows are inputs are refused with what turns them`() throws {
        let folder = try TemporaryFolder()
        var fixture = fixture(Self.pyTorch)
        fixture.setFloats("in_proj_weight", [Self.e, 3 * Self.e])
        expectRefusal(.usage, naming: "numpy.ascontiguousarray(in_proj_weight.T)") {
            try read(fixture, in: folder).require(problem(.fused))
        }
    }

    @Test func `shared weights of other heads are refused`() throws {
        let folder = try TemporaryFolder()
        let layer = try read(fixture(Self.shared), .shared, in: folder)
        try layer.require(problem(.shared))
        expectRefusal(.usage, naming: "queries.weight", "[3, 3]", "--heads 6") {
            try layer.require(problem(.shared, heads: 6))
        }
    }
}
