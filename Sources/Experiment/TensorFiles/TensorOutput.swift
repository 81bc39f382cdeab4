/// The file an output goes to, taken before the run so that no result is computed for nothing.
///
/// `.npy`, or `.safetensors` with the one tensor `o`. It appears whole or not at all, never
/// replaces what was there, and a run that ends without a result leaves nothing.
package struct TensorOutput: ~Copyable {
    private var file: ClaimedFile
    private let format: TensorFormat

    package var path: String { file.path }

    /// Takes the path of `--output`, where nothing may be yet.
    package static func reserve(path: String) throws(ExperimentError) -> TensorOutput {
        let format = try TensorFormat(path: path, flag: "--output")
        return TensorOutput(file: try ClaimedFile.claim(path, flag: "--output"), format: format)
    }

    /// Refuses an output of so many bytes that cannot come.
    package func requireRoom(for byteCount: Int?) throws(ExperimentError) {
        try file.requireRoom(for: byteCount, hasHoles: false, flag: "--output")
    }

    /// Writes all elements, row by row; `shape` is `[B,H,L,Dv]` or `[H,L,Dv]`.
    package mutating func write(
        _ elements: UnsafeBufferPointer<Float>,
        shape: [Int]
    ) throws(ExperimentError) {
        precondition(
            elements.count == shape.reduce(1, *),
            "an output has as many elements as its shape says"
        )
        let header = format.header(name: "o", shape: shape)
        // A buffer is valid only within its closure, whose rethrowing loses the type.
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

    private init(file: consuming ClaimedFile, format: TensorFormat) {
        self.file = file
        self.format = format
    }
}
