import Attention
import Files
import Host
import Platform
import Record

/// One side of a comparison: runs single trials of a plan on request over a pipe.
///
/// Each side is a separate process tree, so that both are measured the same way, whatever program
/// they run. While the other side's trial runs, this one sleeps in a read.
package struct TrialsServer {
    private let session: Session
    private let interruption: Interruption
    private let output: Int32
    private var input: LineReader
    /// The point whose output is in memory; nil if the output is for other inputs.
    private var lastPoint: Int?

    package init(
        session: Session,
        interruption: Interruption,
        input: Int32 = 0,
        output: Int32 = 1
    ) {
        self.session = session
        self.interruption = interruption
        self.output = output
        self.input = LineReader(descriptor: input)
    }

    /// Greets, starts the clusters, and answers until the input ends.
    package mutating func serve(version: String, host: HostDescription) throws {
        defer { session.shutDown() }
        let kernel = session.expected.kernel
        try send(
            TrialsGreeting(
                version: version,
                hostFingerprint: host.fingerprint,
                instructionSet: session.plan.instructionSet?.description
                    ?? kernel.instructionSet.rawValue,
                kernel: "\(kernel.queryBlock) query rows, \(kernel.keyBlock) keys "
                    + "and spans of \(AttentionKernel.spanKeys)",
                commit: host.commit,
                points: session.plan.workers.map {
                    TrialsGreeting.Point(workers: $0, threads: session.plan.threads)
                }
            )
        )
        try session.prepareTrials()
        var ready = TrialsAnswer(.ready)
        ready.outputChecksum = session.expected.checksum
        try send(ready)
        while let request = try nextRequest() { try send(try answer(request)) }
    }

    private mutating func nextRequest() throws -> TrialsRequest? {
        switch try input.next(interruption) {
        case .line(let line):
            return try TrialsProtocol.message(TrialsRequest.self, from: line, source: "a request")
        case .ended, .timedOut: return nil
        case .tooLong: throw Self.refusal("a request", "has no line end")
        }
    }

    private mutating func answer(_ request: TrialsRequest) throws -> TrialsAnswer {
        switch (request.point, request.verify) {
        case (let point?, nil):
            guard session.plan.workers.indices.contains(point) else {
                throw Self.refusal(
                    "a request",
                    "asks for point \(point), which the plan does not have"
                )
            }
            let trial = try session.runTrial(ofPoint: point)
            lastPoint = point
            var answer = TrialsAnswer(.done)
            answer.point = point
            answer.wallNanoseconds = trial.wallNanoseconds
            answer.bitwiseEqual = trial.isOutputEqual
            answer.strangers = session.strangers
            return answer
        case (nil, true?):
            guard let lastPoint else {
                throw Self.refusal("the request to verify", "comes before the trial to verify")
            }
            self.lastPoint = nil
            let report = try session.verifyOutput(ofPoint: lastPoint)
            var answer = TrialsAnswer(.verified)
            answer.verification = report.status.rawValue
            answer.reason = report.reasons.first
            return answer
        default:
            throw Self.refusal("a request", "asks neither for a point nor to verify")
        }
    }

    private func send(_ message: some Encodable) throws {
        try System.write(try TrialsProtocol.line(message), to: output)
    }

    /// Sends the reason for the end as the last answer.
    ///
    /// The parent may be gone; then nobody reads the answer.
    package static func sendFailure(exitCode: Int32, reason: String, to output: Int32 = 1) {
        // If the line is lost, the exit code still gives the reason.
        guard
            let line = try? TrialsProtocol.line(
                TrialsAnswer.failed(exitCode: exitCode, reason: reason)
            )
        else { return }
        // As above.
        try? System.write(line, to: output)
    }

    private static func refusal(_ subject: String, _ problem: String) -> ExperimentError {
        ExperimentError(
            .usage,
            subject,
            problem,
            expected: "{\"point\": 0} with a point of the plan, or {\"verify\": true}",
            remedy: "let 'headwise compare' send the requests"
        )
    }
}
