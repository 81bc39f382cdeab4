/// The messages between the coordinator and the process of a base case, over two pipes.
///
/// Both are the same program, so there is no version. Requests and answers have fixed sizes; each
/// gives the number of bytes that follow it.
enum BaseCaseRequest: UInt64 {
    /// A `Workload` document of `byteCount` bytes follows, then all of lengths, mask, query, key and
    /// value, in this order.
    case load = 1
    /// One trial; nothing follows.
    case trial = 2

    package static let byteCount = 16

    func bytes(followedBy byteCount: Int = 0) -> [UInt8] {
        Words.bytes([rawValue, UInt64(byteCount)])
    }

    /// Reads a request; nil if no coordinator sends such bytes.
    static func read(_ bytes: [UInt8]) -> (request: BaseCaseRequest, byteCount: Int)? {
        let words = Words.read(bytes)
        guard words.count == 2, let request = BaseCaseRequest(rawValue: words[0]),
            words[1] <= 1 << 20
        else { return nil }
        return (request, Int(words[1]))
    }
}

/// The answer to every request.
enum BaseCaseAnswer: Equatable {
    case ready
    /// The whole output follows.
    case done(ProcessTimes)
    /// The reason follows as `byteCount` bytes of text, and the process ends.
    case failed(byteCount: Int)

    private static let wordCount = 6
    package static let byteCount = 8 * wordCount

    var bytes: [UInt8] {
        let words: [UInt64] =
            switch self {
            case .ready: [1]
            case .done(let times):
                [
                    2, times.wallNanoseconds, times.cpuNanoseconds, times.offCoreNanoseconds,
                    times.voluntarySwitches, times.involuntarySwitches,
                ]
            case .failed(let byteCount): [3, UInt64(byteCount)]
            }
        return Words.bytes(words + [UInt64](repeating: 0, count: Self.wordCount - words.count))
    }

    /// Reads an answer; nil if no process of a base case sends such bytes.
    init?(_ bytes: [UInt8]) {
        let words = Words.read(bytes)
        guard words.count == Self.wordCount else { return nil }
        switch words[0] {
        case 1: self = .ready
        case 2:
            self = .done(
                ProcessTimes(
                    wallNanoseconds: words[1],
                    cpuNanoseconds: words[2],
                    offCoreNanoseconds: words[3],
                    voluntarySwitches: words[4],
                    involuntarySwitches: words[5]
                )
            )
        case 3 where words[1] <= 1 << 16: self = .failed(byteCount: Int(words[1]))
        default: return nil
        }
    }
}

/// One trial of one process.
struct ProcessTimes: Equatable, Sendable {
    package var wallNanoseconds: UInt64
    /// The CPU time of all its compute threads.
    package var cpuNanoseconds: UInt64
    /// The longest time that any compute thread was ready but had no core.
    package var offCoreNanoseconds: UInt64
    /// How often a thread of the process gave its processor up to wait, and how often it lost it.
    package var voluntarySwitches: UInt64
    package var involuntarySwitches: UInt64
}

/// 64-bit numbers, little-endian.
private enum Words {
    static func bytes(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    static func read(_ bytes: [UInt8]) -> [UInt64] {
        stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        }
    }
}
