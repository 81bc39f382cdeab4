import Platform
import Record

/// Reads lines from a pipe; a signal ends every wait.
struct LineReader {
    package enum Outcome: Equatable {
        /// Without its line end.
        case line([UInt8])
        /// The stream has ended; bytes after the last line end are not a line.
        case ended
        case timedOut
        /// More bytes than a message of the protocol can have, without a line end.
        case tooLong
    }

    let descriptor: Int32
    let largestLineBytes: Int
    private var buffer: [UInt8] = []

    init(descriptor: Int32, largestLineBytes: Int = TrialsProtocol.largestLineBytes) {
        self.descriptor = descriptor
        self.largestLineBytes = largestLineBytes
    }

    /// Waits for the next line, up to a limit or without one.
    mutating func next(
        _ interruption: Interruption,
        withinMilliseconds limit: Int32? = nil
    ) throws(RunError) -> Outcome {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                return .line(line)
            }
            guard buffer.count <= largestLineBytes else { return .tooLong }
            let ready = try System.readable(
                [descriptor, interruption.descriptor],
                withinMilliseconds: limit ?? -1
            )
            try interruption.check()
            guard ready[0] else { return .timedOut }
            let part = try System.readAvailable(1 << 16, from: descriptor)
            guard !part.isEmpty else { return .ended }
            buffer += part
        }
    }
}
