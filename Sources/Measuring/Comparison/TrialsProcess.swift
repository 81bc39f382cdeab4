import Attention
import Files
import Platform
import Record
import Work

/// One side of a comparison as its parent sees it: a process that runs trials on request.
///
/// The process ends when this value is destroyed. It also ends with the parent, however that dies,
/// because its lifeline closes.
///
/// A class, since its process must end exactly once.
final class TrialsProcess {
    /// How a side is started.
    struct Launch: Sendable {
        /// The name of the side in messages: `A` or `B`.
        var name: String
        /// The `headwise` program to run.
        var program: String
        /// A plan, or a record whose plan is used.
        var planPath: String
        /// Faults to inject, as `--inject-fault` takes them.
        var faults: [String] = []
    }

    /// `headwise` greets within milliseconds; another program never greets.
    private static let greetingLimitMilliseconds: Int32 = 20_000
    /// Longer than any trial or preparation for which a comparison makes sense.
    private static let answerLimitMilliseconds: Int32 = 900_000
    private static let endLimitMilliseconds: Int32 = 5_000

    private let launch: Launch
    private var hasGreeted = false
    private let process: ChildProcess
    private var requests: Int32?
    private var answers: Int32?
    private var reader: LineReader
    private let interruption: Interruption
    /// What came to the addresses of its clusters, as its last trial says.
    private(set) var strangers = Strangers()

    init(_ launch: Launch, interruption: Interruption) throws(RunError) {
        let ends = try ChildProcess.start(
            launch.program,
            ["trials", "--plan", launch.planPath, "--lifeline", "3"]
                + launch.faults.flatMap { ["--inject-fault", $0] },
            // The program may be anything, such as a script.
            leadsGroup: true
        )
        process = ends.process
        (requests, answers) = (ends.requests, ends.answers)
        self.launch = launch
        self.interruption = interruption
        reader = LineReader(descriptor: ends.answers)
    }

    deinit {
        end()
    }

    /// Waits for the greeting, which identifies the program.
    func waitForGreeting() throws(RunError) -> TrialsGreeting {
        let line = try nextLine(Self.greetingLimitMilliseconds)
        // Either a greeting, or the reason why there is none.
        if let answer = try? message(TrialsAnswer.self, line) { throw failure(answer) }
        let found = try message(TrialsGreeting.self, line)
        guard found.schema == TrialsProtocol.schema else {
            throw wrong("uses the protocol \(found.schema)")
        }
        hasGreeted = true
        return found
    }

    /// Waits until its clusters are ready.
    func waitUntilReady() throws(RunError) -> TrialsAnswer {
        let answer = try nextAnswer()
        guard answer.status == .ready else { throw failure(answer) }
        return answer
    }

    /// Makes the side run one trial, and returns the wall time.
    ///
    /// Throws when the trial is no sample: a worker was lost, or a bit of the output is wrong.
    func runTrial(ofPoint point: Int) throws(RunError) -> UInt64 {
        try ask(TrialsRequest(point: point))
        let answer = try nextAnswer()
        guard answer.status == .done, answer.point == point, let wall = answer.wallNanoseconds,
            wall > 0
        else { throw failure(answer) }
        guard answer.bitwiseEqual == true else {
            throw RunError(
                .reported(exitCode: VerificationStatus.disagrees.endCode),
                "\(launch.name): a trial's output differs from the single process's; times of "
                    + "wrong outputs are not compared; find the cause with 'headwise run' first"
            )
        }
        if let strangers = answer.strangers {
            guard strangers.isPlausible else { throw wrong("counts strangers that cannot be") }
            self.strangers = strangers
        }
        return wall
    }

    /// Makes the side verify the output of its last trial, and returns the status.
    func verify() throws(RunError) -> String {
        try ask(TrialsRequest(verify: true))
        let answer = try nextAnswer()
        guard answer.status == .verified, let status = answer.verification else {
            throw failure(answer)
        }
        // Another build may send words that this one does not know.
        let code = VerificationStatus(rawValue: status)?.endCode ?? EndCode.done
        guard code != EndCode.done else { return status }
        throw RunError(
            .reported(exitCode: code),
            "\(launch.name): the status of the output is \(status)"
                + (answer.reason.map { " (\($0))" } ?? "")
                + "; times of such outputs are not compared; find the cause with 'headwise run' "
                + "first"
        )
    }

    /// Lets the process and its workers end, and waits until they are gone.
    func end() {
        for descriptor in [requests, answers] {
            // Nobody reads what it still writes; closing the descriptor also ends a program that
            // writes for ever.
            if let descriptor { System.close(descriptor) }
        }
        (requests, answers) = (nil, nil)
        process.end(withinMilliseconds: Self.endLimitMilliseconds)
    }

    private func ask(_ request: TrialsRequest) throws(RunError) {
        guard let requests else {
            preconditionFailure("no request may be sent to a process that was ended")
        }
        let line = try RunError.environment { () throws(ExperimentError) in
            try TrialsProtocol.line(request)
        }
        do throws(RunError) {
            try System.write(line, to: requests)
        } catch {
            // The process is gone; its last answer says why.
            throw failure(try nextAnswer())
        }
    }

    private func nextAnswer() throws(RunError) -> TrialsAnswer {
        try message(TrialsAnswer.self, try nextLine(Self.answerLimitMilliseconds))
    }

    private func nextLine(_ limitMilliseconds: Int32) throws(RunError) -> [UInt8] {
        precondition(answers != nil, "no answer may be read from a process that was ended")
        switch try reader.next(interruption, withinMilliseconds: limitMilliseconds) {
        case .line(let line): return line
        case .tooLong: throw wrong("does not write lines of the protocol")
        case .timedOut:
            throw wrong("did not answer for \(limitMilliseconds / 1000) s")
        case .ended:
            guard hasGreeted else { throw wrong("ended without an answer") }
            let ending = process.endingIfAny().map { "\($0)" } ?? "closed its output"
            throw RunError(
                .unfinished,
                "\(launch.name): the process of its trials was lost (\(ending)); stop other "
                    + "programs and compare again"
            )
        }
    }

    private func message<Message: Decodable>(
        _ type: Message.Type,
        _ line: [UInt8]
    ) throws(RunError) -> Message {
        do throws(ExperimentError) {
            return try TrialsProtocol.message(type, from: line, source: "its output")
        } catch {
            throw wrong("does not write lines of the protocol")
        }
    }

    private func wrong(_ problem: String) -> RunError {
        RunError(
            .environment,
            "\(launch.name): \(launch.program) \(problem): expected a headwise with the protocol "
                + "\(TrialsProtocol.schema); give such a program to --with"
        )
    }

    private func failure(_ answer: TrialsAnswer) -> RunError {
        guard answer.status == .failed, let reason = answer.reason else {
            return wrong("gave an answer that was not asked for")
        }
        return RunError(
            .reported(exitCode: answer.exitCode ?? EndCode.environment),
            "\(launch.name): \(reason)"
        )
    }
}
