import Files

/// The file that attention weights go to, taken before the run as that of the output is.
///
/// `.npy` holds them dense, `[B,H,L,S]`, and what is never placed is zero and takes no room on the
/// disk. So does `.safetensors`, as `weights`, unless a pattern leaves most of them out: then it
/// holds only those that are seen, compressed by rows: row r of `[B·H·L, S]` has the `weights[n]`
/// of the `keys[n]` for n from `offsets[r]` to `offsets[r + 1]`, and `shape` is that of all.
package struct WeightsOutput: ~Copyable {
    private var file: ClaimedFile
    private let format: TensorFormat
    /// The content on its way, and where its parts begin.
    private var content: PartialFile?
    private var start = Start()
    /// What has been appended.
    private var rows = 0
    private var count = 0

    private struct Start {
        var weights = 0
        var keys = 0
        var offsets = 0
    }

    package var path: String { file.path }

    /// Takes the path of `--weights`, where nothing may be yet.
    package static func reserve(path: String) throws(ExperimentError) -> WeightsOutput {
        let format = try TensorFormat(path: path, flag: "--weights")
        return WeightsOutput(file: try ClaimedFile.claim(path, flag: "--weights"), format: format)
    }

    private init(file: consuming ClaimedFile, format: TensorFormat) {
        self.file = file
        self.format = format
    }

    /// Refuses weights of so many bytes, all of them, that cannot come.
    ///
    /// The weights of a mask take less; only the inputs show how much less.
    package func requireRoom(
        for byteCount: Int?,
        isMasked: Bool,
        hasPattern: Bool
    ) throws(ExperimentError) {
        guard !(canCompress && hasPattern) else { return }
        try file.requireRoom(for: byteCount, hasHoles: isMasked, flag: "--weights")
    }

    /// Whether the file can leave out what is hidden.
    package var canCompress: Bool { format == .safetensors }

    /// Begins a file of all weights, to be placed in any order.
    package mutating func beginDense(shape: [Int]) throws(ExperimentError) {
        let header = format.header(name: "weights", shape: shape)
        start.weights = header.count
        try begin(header, byteCount: header.count + shape.reduce(4, *))
    }

    /// Places weights of neighbouring keys, `index` being that of the first in the whole tensor.
    package func place(_ weights: ArraySlice<Float>, at index: Int) throws(ExperimentError) {
        try place(weights, atByte: start.weights + 4 * index)
    }

    /// Begins a file of `count` weights, to be appended row by row; `shape` is `[B,H,L,S]`.
    package mutating func beginCompressed(
        shape: [Int],
        count: Int
    ) throws(ExperimentError) {
        precondition(canCompress, "an .npy file can hold only one tensor")
        let rows = shape.dropLast().reduce(1, *)
        let tensors = [
            SafetensorsFile.Entry(name: "shape", type: .int64, shape: [shape.count]),
            SafetensorsFile.Entry(name: "offsets", type: .int64, shape: [rows + 1]),
            SafetensorsFile.Entry(name: "keys", type: .int32, shape: [count]),
            SafetensorsFile.Entry(name: "weights", type: .float32, shape: [count]),
        ]
        let header = SafetensorsFile.header(tensors)
        start.offsets = header.count + tensors[0].byteCount
        start.keys = start.offsets + tensors[1].byteCount
        start.weights = start.keys + tensors[2].byteCount
        try begin(header, byteCount: start.weights + tensors[3].byteCount)
        try place(shape.map(Int64.init), atByte: header.count)
        try place([Int64(0)], atByte: start.offsets)
    }

    /// Appends rows whose last keys end at `ends`, counted from the first of `keys`.
    package mutating func append(
        ends: [Int],
        keys: [Int32],
        weights: [Float]
    ) throws(ExperimentError) {
        precondition(
            keys.count == weights.count && ends.last == keys.count,
            "every key must have a weight"
        )
        try place(ends.map { Int64(count + $0) }, atByte: start.offsets + 8 * (rows + 1))
        try place(keys, atByte: start.keys + 4 * count)
        try place(weights, atByte: start.weights + 4 * count)
        rows += ends.count
        count += keys.count
    }

    /// Makes what was placed the content of the file.
    package mutating func finish() throws(ExperimentError) {
        guard let content = content.take() else {
            preconditionFailure("a file must be begun before it is finished")
        }
        try file.fill(with: content)
    }

    private mutating func begin(_ header: [UInt8], byteCount: Int) throws(ExperimentError) {
        let content = try file.begin(byteCount: byteCount)
        self.content = consume content
        try place(header, atByte: 0)
    }

    private func place<Elements: Collection>(
        _ elements: Elements,
        atByte offset: Int
    ) throws(ExperimentError) where Elements.Element: BitwiseCopyable {
        try content?.place(elements, at: offset)
    }
}
