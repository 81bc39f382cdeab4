import Files

/// The file of an output, reserved before the run so that no result is computed in vain.
///
/// `.npy`, or `.safetensors` with the one tensor `o`. It appears as a whole or not at all and never
/// replaces an existing file; a run that ends without a result leaves nothing.
package struct TensorOutput: ~Copyable {
    private var file: ClaimedFile
    private let format: TensorFormat

    package var path: String { file.path }

    /// Takes the path of `--output`, where nothing may be yet.
    package static func reserve(path: String) throws(ExperimentError) -> TensorOutput {
        let format = try TensorFormat(path: path, flag: "--output")
        return TensorOutput(file: try ClaimedFile.claim(path, flag: "--output"), format: format)
    }

    /// Refuses an output of `byteCount` bytes that has no room.
    package func requireRoom(for byteCount: Int?) throws(ExperimentError) {
        try file.requireRoom(for: byteCount, hasHoles: false, flag: "--output")
    }

    /// Writes all elements, which are `[B,H,L,Dv]` or `[H,L,Dv]`, as `shape` says; the file has them
    /// in the order of `layout`: `[B,L,H,Dv]` or `[L,H,Dv]`, or `[B,L,H·Dv]`.
    package mutating func write(
        _ elements: UnsafeBufferPointer<Float>,
        shape: [Int],
        layout: TensorLayout = .bhld
    ) throws(ExperimentError) {
        precondition(
            elements.count == shape.reduce(1, *),
            "an output must have the elements that its shape says"
        )
        guard layout == .bhld else {
            return try unsafe writeByTokens(elements, shape: shape, layout: layout)
        }
        let header = format.header(name: "o", shape: shape)
        // A buffer is valid only within its closure, and the closure's rethrowing loses the error
        // type.
        var failure: ExperimentError?
        unsafe header.withUnsafeBytes { header in
            do throws(ExperimentError) {
                try unsafe file.replaceContent([header, UnsafeRawBufferPointer(elements)])
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// The same with the heads behind the rows, some rows at a time.
    private mutating func writeByTokens(
        _ elements: UnsafeBufferPointer<Float>,
        shape: [Int],
        layout: TensorLayout
    ) throws(ExperimentError) {
        let sizes = Array(shape.suffix(3))
        let (heads, tokens, width) = (sizes[0], sizes[1], sizes[2])
        let stored =
            shape.dropLast(3)
            + (layout == .bld ? [tokens, heads * width] : [tokens, heads, width])
        let header = format.header(name: "o", shape: Array(stored))
        let content = try file.begin(byteCount: header.count + 4 * elements.count)
        try content.place(header, at: 0)
        let rowsTogether = max(1, (1 << 16) / width)
        let rows = elements.count / width
        var part: [Float] = []
        for first in stride(from: 0, to: rows, by: rowsTogether) {
            part.removeAll(keepingCapacity: true)
            for row in first..<min(first + rowsTogether, rows) {
                let (token, head) = row.quotientAndRemainder(dividingBy: heads)
                let (batch, place) = token.quotientAndRemainder(dividingBy: tokens)
                let start = ((batch * heads + head) * tokens + place) * width
                unsafe part.append(contentsOf: elements[start..<start + width])
            }
            try content.place(part, at: header.count + 4 * first * width)
        }
        try file.fill(with: content)
    }

    private init(file: consuming ClaimedFile, format: TensorFormat) {
        self.file = file
        self.format = format
    }
}
