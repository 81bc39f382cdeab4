/// Sends and receives bytes over two pipes to another process; a signal ends every wait.
///
/// The other process may not be alive, or it may be stopped: a stopped process reads and writes
/// nothing.
///
/// A class, since its descriptors are closed exactly once.
package final class PipePair {
    private let input: Int32
    private let output: Int32
    private let interruption: Interruption
    /// The longest time without any byte moved while a transfer is under way.
    private static let stillMilliseconds = 10_000

    /// Takes the descriptors and closes them in `deinit`.
    package init(input: Int32, output: Int32, interruption: Interruption) {
        System.makeNonBlocking(input)
        System.makeNonBlocking(output)
        self.input = input
        self.output = output
        self.interruption = interruption
    }

    deinit {
        System.close(input)
        System.close(output)
    }

    /// Sends all bytes; false when the other end is gone or takes none.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(RunError) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
            switch unsafe System.writeSome(part, to: output) {
            case .moved(let count): sent += count
            case .wouldBlock:
                guard
                    try System.isReady(
                        output,
                        toWrite: true,
                        orReadable: interruption.descriptor,
                        withinMilliseconds: Self.stillMilliseconds
                    )
                else { return false }
                try interruption.check()
            case .ended: return false
            }
        }
        return true
    }

    /// Fills the buffer; false when the other end is gone or silent.
    ///
    /// The first byte may take `limit`; each later byte may take as long as in sending. `awake` is
    /// called often while this waits.
    package func receive(
        into bytes: UnsafeMutableRawBufferPointer,
        withinMilliseconds limit: Int = stillMilliseconds,
        awake: () -> Void = {}
    ) throws(RunError) -> Bool {
        var received = 0
        while received < bytes.count {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[received...])
            switch unsafe System.readSome(into: part, from: input) {
            case .moved(let count): received += count
            case .wouldBlock:
                guard
                    try System.isReady(
                        input,
                        toWrite: false,
                        orReadable: interruption.descriptor,
                        withinMilliseconds: received == 0 ? limit : Self.stillMilliseconds,
                        awake: awake
                    )
                else { return false }
                try interruption.check()
            case .ended: return false
            }
        }
        return true
    }

    /// Receives `byteCount` bytes; nil when the other end is gone or silent.
    package func receive(
        _ byteCount: Int,
        withinMilliseconds limit: Int = stillMilliseconds,
        awake: () -> Void = {}
    ) throws(RunError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        let isWhole = try unsafe span.withUnsafeMutableBytes { (buffer) throws(RunError) in
            try unsafe receive(into: buffer, withinMilliseconds: limit, awake: awake)
        }
        return isWhole ? bytes : nil
    }
}
