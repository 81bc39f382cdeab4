import Files
import FoundationEssentials
import Work

/// The protocol `headwise.trials/1`, by which a comparison makes two processes run single trials.
///
/// One JSON object per line. The process that runs trials writes a greeting at once and `ready`
/// when its clusters have started. Then it writes one answer per request line; it shuts down when
/// its input ends. There are two requests: `{"point": 0}` runs one trial of the plan's first point,
/// and `{"verify": true}` compares the output of the last trial with the float64 reference. A
/// failure is also an answer, and the last one.
package enum TrialsProtocol {
    package static let schema = "headwise.trials/1"
    /// The longest line of the protocol; a longer line comes from another program.
    package static let largestLineBytes = 1 << 20

    /// A message as its line, ending in a line end.
    package static func line(_ message: some Encodable) throws(ExperimentError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(message)) + [UInt8(ascii: "\n")]
        } catch {
            throw ExperimentError(
                .environment,
                "a message of \(schema)",
                "cannot be written as JSON (\(error))",
                expected: "finite numbers",
                remedy: "report this as a bug in headwise"
            )
        }
    }

    package static func message<Message: Decodable>(
        _ type: Message.Type,
        from line: [UInt8],
        source: String
    ) throws(ExperimentError) -> Message {
        try JSONText.decode(type, from: line, source: source, noun: "message")
    }
}

/// The first message of a process that runs trials: who it is and what it will run.
package struct TrialsGreeting: Codable, Equatable, Sendable {
    package struct Point: Codable, Equatable, Sendable {
        package var workers: Int
        package var threads: Int

        package init(workers: Int, threads: Int) {
            self.workers = workers
            self.threads = threads
        }
    }

    package var schema: String
    /// The program and its version: `headwise 0.1.0`.
    package var version: String
    package var hostFingerprint: String
    package var instructionSet: String
    /// What the kernel is made of: its blocks and spans.
    package var kernel: String
    package var commit: String?
    package var points: [Point]

    package init(
        version: String,
        hostFingerprint: String,
        instructionSet: String,
        kernel: String,
        commit: String?,
        points: [Point]
    ) {
        schema = TrialsProtocol.schema
        self.version = version
        self.hostFingerprint = hostFingerprint
        self.instructionSet = instructionSet
        self.kernel = kernel
        self.commit = commit
        self.points = points
    }
}

/// A request to a process that runs trials.
package struct TrialsRequest: Codable, Equatable, Sendable {
    /// Run one trial of this point, counted from 0.
    package var point: Int?
    /// Verify the output of the last trial.
    package var verify: Bool?

    package init(point: Int? = nil, verify: Bool? = nil) {
        self.point = point
        self.verify = verify
    }
}

/// The answer of a process that runs trials.
package struct TrialsAnswer: Codable, Equatable, Sendable {
    package enum Status: String, Codable, Sendable {
        /// The clusters have started; requests may come.
        case ready
        /// A trial was run.
        case done
        /// The output was verified.
        case verified
        /// Nothing more can be run.
        case failed
    }

    package var status: Status
    /// After a trial: the point that was asked for.
    package var point: Int?
    /// After a trial: from the first task to the last output row in its place.
    package var wallNanoseconds: UInt64?
    /// After a trial: whether its output equals the single process's output bit by bit.
    package var bitwiseEqual: Bool?
    /// After a trial: what came so far to the addresses of the clusters; absent when nobody came.
    package var strangers: Strangers?
    /// When ready: the checksum that every output must have.
    package var outputChecksum: String?
    /// After a verification: EXACT, AGREES, DISAGREES, MISTRUSTED or UNCHECKED.
    package var verification: String?
    /// After a failure: why.
    package var reason: String?
    /// Of a failure: the exit code that `headwise run` would have ended with.
    package var exitCode: Int32?

    package init(_ status: Status) { self.status = status }

    package static func failed(exitCode: Int32, reason: String) -> TrialsAnswer {
        var answer = TrialsAnswer(.failed)
        answer.exitCode = exitCode
        answer.reason = reason
        return answer
    }
}
