import Attention
import Files

/// The weights of a multi-head layer that another program wrote: one module of a state dict, found and
/// checked, to be read later.
///
/// The names are those of `LayerNames`, with the name of the module in front where the file holds a
/// whole model: `encoder.layers.0.self_attn.in_proj_weight`. Biases that are not there are zeros, as
/// PyTorch's `bias=False` means. How many heads there are is in no file.
package struct ExternalLayer: Equatable, Sendable {
    package let path: String
    /// The name of the module; empty where the weights have their plain names.
    package let module: String
    package let names: [String]
    /// Names of tensors of the module, or of the whole file if it has no modules, that are not read.
    package let ignoredNames: [String]
    /// Names of the biases that are not there.
    package let missingBiases: [String]
    private let scheme: LayerNames
    private let tensors: [TensorName: StoredTensor]

    /// Finds the module, which must be named where there are several; reads no elements yet.
    ///
    /// `flag` is the one that named the path.
    package init(
        reading path: String,
        flag: String,
        module: String?,
        as variant: LayerVariant
    ) throws(ExperimentError) {
        let modules = try LayerModules(reading: path, flag: flag)
        (self.module, scheme) = try modules.only(variant, named: module)
        var tensors: [TensorName: StoredTensor] = [:]
        for (tensor, name) in scheme.names {
            guard let stored = modules.tensors[LayerModules.join(self.module, name)] else {
                continue
            }
            guard let type = stored.elementType, ElementType.floats.contains(type) else {
                throw try TypeRefusal(stored).error(for: .numbers)
            }
            tensors[tensor] = stored
        }
        let names = tensors.values.map(\.name).sorted()
        missingBiases = LayerNames.biases.filter { tensors[$0] == nil }
            .compactMap { [scheme] in scheme.names[$0] }
        ignoredNames = modules.names(in: self.module).filter { !names.contains($0) }
        self.names = names
        self.tensors = tensors
        self.path = path
        guard let output = tensors[.outputWeights]?.shape, output.count == 2,
            output[0] == output[1], output[0] > 0
        else { throw shapeRefusal(.outputWeights, expected: "[E, E]") }
    }

    /// What a user should know about how the elements are read, a sentence each.
    package var typeNotes: [String] { StoredTensor.typeNotes(Array(tensors.values), in: path) }

    /// E.
    package var embedding: Int { tensors[.outputWeights]?.shape.first ?? 0 }

    /// Throws when a tensor has another shape than `problem` says.
    package func require(_ problem: AttentionProblem) throws(ExperimentError) {
        for tensor in tensors.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let shape = problem.parameterShape(of: tensor) else { continue }
            guard tensors[tensor]?.shape == shape else {
                throw shapeRefusal(
                    tensor,
                    shape,
                    expected: "\(shape) for E \(problem.embedding) and "
                        + "--heads \(problem.shape.heads)"
                )
            }
        }
    }

    /// Whether it fills this tensor.
    package func holds(_ tensor: TensorName) -> Bool { scheme.names[tensor] != nil }

    /// Reads a whole tensor of weights straight into `destination`, widened, its rows as a layer of
    /// `heads` heads has them; a bias that is not there becomes zeros.
    package func load(
        _ tensor: TensorName,
        heads: Int,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        guard let stored = tensors[tensor] else {
            unsafe destination.initializeMemory(as: UInt8.self, repeating: 0)
            return NonFiniteCount()
        }
        precondition(
            destination.count == stored.shape.reduce(4, *),
            "a tensor must be loaded whole into its own size"
        )
        let isFused = tensor == .projectionWeights || tensor == .projectionBias
        return try unsafe stored.load(
            into: destination,
            order: isFused && scheme.order == .byHead
                ? stored.orderByProjection(heads: heads) : stored.order
        )
    }

    /// `right` is the shape that the tensor should have, if it is known.
    private func shapeRefusal(
        _ tensor: TensorName,
        _ right: [Int]? = nil,
        expected: String
    ) -> ExperimentError {
        guard let stored = tensors[tensor] else {
            preconditionFailure("weights that are required were found")
        }
        return stored.refusal(
            "has the shape \(stored.shape)",
            expected: expected,
            remedy: right.map { $0 == stored.shape.reversed() } == true
                ? "save numpy.ascontiguousarray(\(stored.name).T): rows are outputs"
                : "give the heads and the operation that the layer was made with, or write the "
                    + "tensor again"
        )
    }
}

extension StoredTensor {
    /// Where each row of `[3E, …]` is read.
    ///
    /// The file has the q, k and v rows of the first head, then those of the next; memory has the q
    /// rows of all heads, then the k rows, then the v rows.
    fileprivate func orderByProjection(heads: Int) -> ElementOrder? {
        let columns = shape.dropFirst().reduce(1, *)
        let rows = shape[0] / (3 * heads)
        let stored = ElementOrder.distances(shape, isFortranOrder: isFortranOrder)
        let block = rows * columns
        var axes = [
            ElementOrder.Axis(size: heads, stored: 3 * rows * stored[0], placed: block),
            ElementOrder.Axis(size: 3, stored: rows * stored[0], placed: heads * block),
            ElementOrder.Axis(size: rows, stored: stored[0], placed: columns),
        ]
        if shape.count == 2 {
            axes.append(ElementOrder.Axis(size: columns, stored: stored[1], placed: 1))
        }
        return ElementOrder(axes)
    }
}
