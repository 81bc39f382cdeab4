import Attention
import Files

/// The query, key and value, and perhaps mask and lengths, that somebody else produced: found and
/// checked against each other, to be read later straight to where they are needed.
///
/// They come from a `.safetensors` file, a `.npz` file, or a folder of `.npy` files. In the
/// layout `bhld`, query is `[B,H,L,D]`, key `[B,Hkv,S,D]`, value `[B,Hkv,S,Dv]`, or all three without
/// `B`; in `blhd`, the rows stand before the heads; in `bld`, the heads of a row are side by side.
///
/// The parameters of a scoring function are w_q, w_k and w_v of additive scores, or w; those of
/// Linformer are e and f.
///
/// A softmax has scores, `[B,H,L,S]` or `[B,L,S]`, in which −∞ hides a key. A layer has a
/// query, `[B,L,E]` or `[L,E]`, and perhaps a key with S rows, which are also the values unless there is
/// a value, too; its weights are an `ExternalLayer`.
///
/// Mask, bias, sinks and lengths do not depend on the layout. A mask is boolean, `[B,H,L,S]`, and what
/// is not zero may be seen; `[B,L,S]` or else `[H,L,S]`, `[L,S]` or else `[B,S]`, and `[S]` mean all of
/// what they leave out. A bias has such shapes, too, and numbers; −∞ hides a key. Sinks are `[H]`. Lengths
/// are `[B]` or `[B,L]`, at most S. A size of 1 stands for all along any axis.
package struct ExternalTensors: Equatable, Sendable {
    package let path: String
    /// The order of the axes in which query, key and value are read.
    package let layout: TensorLayout
    package let kind: InputKind
    package let shape: AttentionShape
    /// What the file has of a mask: lengths, a boolean mask, a bias; never a band.
    package let mask: Mask
    /// How many axes the stored query has, 3 or 4.
    package let rank: Int
    /// Names of tensors that exist but are not read.
    package let ignoredNames: [String]
    package let tensors: [TensorName: StoredTensor]
    let shapes: InputShapes
    private(set) var reading: InputReading
    private let storedSinks: StoredTensor?

    /// Reads and checks what the files declare about themselves; reads no elements yet.
    ///
    /// Names begin with `prefix`. With `stated` heads, query, key and value may be `[B,L,H·D]`.
    package init(
        reading path: String,
        prefix: String = "",
        layout: TensorLayout = .bhld,
        as kind: InputKind = .attention,
        stated: StatedHeads = StatedHeads()
    ) throws(ExperimentError) {
        let archive = try TensorArchive(reading: path, prefix: prefix, as: kind)
        let input = StoredInput(
            path: path,
            archive: archive,
            layout: layout,
            kind: kind,
            stated: stated
        )
        let shapes = try input.shapes()
        let layout = shapes.layout(besides: layout)
        do throws(ShapeMisfit) {
            reading = try shapes.reading(as: layout)
        } catch {
            throw try input.refusal(error, of: shapes)
        }
        if let bias = archive.tensors[.bias] { reading.biasHides = try bias.hidesKeys() }
        if let scores = archive.tensors[.scores] { reading.scoresHide = try scores.hidesKeys() }
        shape = reading.shape
        mask = reading.mask
        rank = shapes.query.count
        ignoredNames = archive.others
        self.path = path
        self.layout = layout
        self.shapes = shapes
        self.kind = kind
        var tensors: [TensorName: StoredTensor] = [:]
        tensors[.query] = archive.tensors[.query]
        tensors[.key] = archive.tensors[.key]
        tensors[.value] = archive.tensors[.value]
        tensors[.scores] = archive.tensors[.scores]
        tensors[.lengths] = archive.tensors[.lengths]
        tensors[.visibility] = archive.tensors[.mask]
        tensors[.queryWeights] = archive.tensors[.queryWeights]
        tensors[.keyWeights] = archive.tensors[.keyWeights]
        tensors[.hiddenWeights] = archive.tensors[.hiddenWeights]
        tensors[.scoreWeights] = archive.tensors[.scoreWeights]
        tensors[.bias] = archive.tensors[.bias]
        tensors[.keyProjection] = archive.tensors[.keyProjection]
        tensors[.valueProjection] = archive.tensors[.valueProjection]
        storedSinks = archive.tensors[.sinks]
        self.tensors = tensors
    }

    /// `[B,H,L,Dv]` of the output, without `B` where the query has none; in a file of the layout
    /// `blhd` it is `[B,L,H,Dv]`, and of `bld` `[B,L,H·Dv]`.
    ///
    /// The output of a softmax has the shape of its scores, and that of a layer the shape of its query.
    package var outputShape: [Int] {
        guard kind == .attention else { return shapes.query }
        let sizes = [shape.batch, shape.heads, shape.queryLength, shape.valueDimension]
        return rank == 3 && layout != .bld ? Array(sizes.dropFirst()) : sizes
    }

    /// Where a layer's keys and values come from; nil of anything else.
    package var source: LayerSource? {
        guard kind.isLayer else { return nil }
        return shapes.key == nil ? .itself : shapes.value == nil ? .memory : .separate
    }

    /// Whether scores of −∞ hide keys.
    package var scoresHide: Bool { reading.scoresHide }
}

extension ExternalTensors {
    /// The input's sinks, one for each head; nil when it has none.
    package func sinks() throws(ExperimentError) -> [Float]? {
        guard let stored = storedSinks else { return nil }
        guard stored.shape == [shape.heads] else {
            throw stored.refusal(
                "has the shape \(stored.shape)",
                expected: "[\(shape.heads)], a number for each head",
                remedy: stored.remedy(toHave: [shape.heads])
            )
        }
        var sinks: [Float] = []
        try stored.forEachNumber { _, number in
            sinks.append(Float(number))
            return true
        }
        if let wrong = sinks.first(where: { !$0.isFinite }) {
            throw stored.refusal(
                "has the sink \(wrong)",
                expected: "finite numbers",
                remedy: "correct it, or leave the tensor out for no sinks"
            )
        }
        return sinks
    }

    /// What a user should know about how the elements are read, a sentence each.
    package var typeNotes: [String] {
        var stored = Array(tensors.values)
        if let storedSinks { stored.append(storedSinks) }
        return StoredTensor.typeNotes(stored, mask: tensors[.visibility], in: path)
    }

    /// The names of what the input has of a mask: `mask`, `lengths`, `bias`.
    package var maskNames: [String] {
        [
            (tensors[.visibility] != nil, "mask"), (mask.lengths != .none, "lengths"),
            (mask.bias != .none, "bias"),
        ].filter(\.0).map(\.1)
    }

    /// Names of parameters and sinks that were found and that `problem` does not read.
    package func unusedNames(in problem: AttentionProblem) -> [String] {
        let parameters = TensorName.parameters.filter { tensor in
            tensors[tensor] != nil && problem.parameterShape(of: tensor) == nil
        }
        let sinks = storedSinks != nil && problem.sinks.isEmpty ? ["sinks"] : []
        return parameters.compactMap(TensorArchive.name(of:)) + sinks
    }

    /// Throws when a parameter of the scoring function is missing, or has another shape or type.
    package func requireParameter(
        _ tensor: TensorName,
        shape: [Int],
        by user: String
    ) throws(ExperimentError) {
        guard let name = TensorArchive.name(of: tensor) else {
            preconditionFailure("only a parameter may be asked for")
        }
        guard let stored = tensors[tensor] else {
            throw ExperimentError(
                .usage,
                path,
                "has no tensor \(name)",
                expected: "\(name) of the shape \(shape) for \(user)",
                remedy: "add the tensor, or leave \(user.prefix { $0 != " " }) out"
            )
        }
        guard let type = stored.elementType, ElementType.floats.contains(type) else {
            throw try TypeRefusal(stored).error(for: .numbers)
        }
        // One number may be stored without an axis.
        guard stored.shape == shape || (shape == [1] && stored.shape.isEmpty) else {
            throw stored.refusal(
                "has the shape \(stored.shape)",
                expected: "\(shape) for \(user)",
                remedy: stored.remedy(toHave: shape)
            )
        }
    }
}
