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
    /// in the order of `layout`.
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
            return try unsafe writeByTokens(elements, shape: shape)
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

    /// The same as `[B,L,H,Dv]` or `[L,H,Dv]`, some rows at a time.
    private mutating func writeByTokens(
        _ elements: UnsafeBufferPointer<Float>,
        shape: [Int]
    ) throws(ExperimentError) {
        let axes = TensorLayout.bhld.axes(of: shape)
        let order = RowOrder(heads: axes[1], rows: axes[2], width: axes[3])
        let stored = shape.dropLast(3) + [order.rows, order.heads, order.width]
        let header = format.header(name: "o", shape: Array(stored))
        let content = try file.begin(byteCount: header.count + 4 * elements.count)
        try content.place(header, at: 0)
        let rowsTogether = max(1, (1 << 16) / order.width)
        let rows = elements.count / order.width
        var part: [Float] = []
        for first in stride(from: 0, to: rows, by: rowsTogether) {
            part.removeAll(keepingCapacity: true)
            for row in first..<min(first + rowsTogether, rows) {
                let start = order.row(stored: row) * order.width
                unsafe part.append(contentsOf: elements[start..<start + order.width])
            }
            try content.place(part, at: header.count + 4 * first * order.width)
        }
        try file.fill(with: content)
    }

    private init(file: consuming ClaimedFile, format: TensorFormat) {
        self.file = file
        self.format = format
    }
}
