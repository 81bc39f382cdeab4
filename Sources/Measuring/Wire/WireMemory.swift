import Attention
import Glibc
import Platform
import Work

/// The payloads that tasks bring to workers, and the memory in which they come back.
///
/// Every eight bytes of payload are different, and each trial sends them from another place: what is
/// left of an earlier trial is not right in a later one.
///
/// `@unchecked Sendable`: only a roof's writer reads the payload beside the thread that owns this.
@safe
final class WireMemory: @unchecked Sendable {
    private let inputs: AttentionInputs
    private let output: Slab
    private let byteCount: Int

    /// Trials begin at so many places.
    private static let places = 61
    private static let placeBytes = 64

    /// Room for `byteCount` bytes of payload, which are sent and come back.
    init(byteCount: Int) throws(RunError) {
        let wanted = byteCount + Self.places * Self.placeBytes
        inputs = try RunError.environment { () throws(AttentionError) in
            try AttentionInputs(Self.problem(payloadBytes: wanted, tasks: 1))
        }
        output = try RunError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: byteCount)
        }
        self.byteCount = byteCount
        let words = unsafe inputs.bytes(of: .scores).bindMemory(to: UInt64.self)
        for index in words.indices {
            unsafe words[index] = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        }
    }

    /// Each of `tasks` slices is a row of scores of `payloadBytes` bytes, and so is its output.
    static func problem(payloadBytes: Int, tasks: Int) -> AttentionProblem {
        AttentionProblem(
            shape: AttentionShape(
                batch: 1,
                heads: tasks,
                keyValueHeads: tasks,
                queryLength: 1,
                keyLength: max(1, payloadBytes / 4),
                headDimension: 1,
                valueDimension: 1
            ),
            operation: .maskedSoftmax
        )
    }

    /// Lets `body` use the inputs, whose scores are the payload of trial 0.
    func withInputs<Result>(
        _ body: (borrowing AttentionInputs) throws(RunError) -> Result
    ) throws(RunError) -> Result {
        try body(inputs)
    }

    /// The payload of a trial, of which the first `byteCount` bytes are sent.
    @unsafe
    func payload(ofTrial trial: Int, byteCount: Int) -> UnsafeRawBufferPointer {
        let all = unsafe UnsafeRawBufferPointer(inputs.bytes(of: .scores))
        let first = trial % Self.places * Self.placeBytes
        return unsafe UnsafeRawBufferPointer(rebasing: all[first..<first + byteCount])
    }

    /// Where the payload comes back.
    @unsafe
    var returned: UnsafeMutableRawPointer { unsafe output.base }

    /// Fills that memory with what no payload has.
    func clear(_ byteCount: Int) { unsafe OutputSentinel.fill(output.floats, count: byteCount / 4) }

    /// How many of the bytes that came back are wrong.
    func wrongBytes(ofTrial trial: Int, byteCount: Int) -> Int {
        let sent = unsafe payload(ofTrial: trial, byteCount: byteCount)
        guard let first = sent.baseAddress, byteCount > 0,
            unsafe memcmp(first, output.base, byteCount) != 0
        else { return 0 }
        let found = unsafe UnsafeRawBufferPointer(start: output.base, count: byteCount)
        return unsafe zip(sent, found).reduce(0) { $1.0 == $1.1 ? $0 : $0 + 1 }
    }

    /// How long copying so many bytes takes once.
    func copyNanoseconds(_ byteCount: Int) -> UInt64 {
        guard let source = unsafe inputs.bytes(of: .scores).baseAddress else {
            preconditionFailure("a payload must have bytes")
        }
        let start = Clock.nanoseconds
        unsafe LargeCopy.copy(source, to: output.base, byteCount: byteCount)
        return max(1, Clock.nanoseconds - start)
    }
}
