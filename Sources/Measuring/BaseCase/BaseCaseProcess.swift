import Attention
import Cluster
import Platform
import Scheduling
import Wire

/// The coordinator's end of a process that computes a base case.
///
/// A base case has a process of its own, so that other processes disturb it as much as a worker.
/// The process is started and pinned like a worker's, and sleeps between trials. It communicates
/// over two pipes, without ZeroMQ; it sends the output after the clock has stopped.
///
/// A class, since its process must end exactly once.
final class BaseCaseProcess {
    private let process: ChildProcess
    private let pipes: PipePair
    private let threads: Int
    private var problem: AttentionProblem?
    private var slowestNanoseconds: UInt64 = 0

    /// Starts a process with this many threads on `processors`; on any processors if the list is
    /// empty.
    init(threads: Int, processors: [Int], interruption: Interruption) throws(RunError) {
        var arguments = [
            "base", "--threads", "\(threads)", "--parent", "\(System.processIdentifier)",
        ]
        if !processors.isEmpty {
            arguments += ["--cpus", processors.map(String.init).joined(separator: ",")]
        }
        let ends = try ChildProcess.start("/proc/self/exe", arguments)
        process = ends.process
        pipes = PipePair(input: ends.answers, output: ends.requests, interruption: interruption)
        self.threads = threads
    }

    deinit { process.kill() }

    /// Sends the inputs of `problem`; a smaller batch uses the beginning of the larger one's
    /// inputs.
    func load(
        _ problem: AttentionProblem,
        _ instructionSet: InstructionSet,
        inputs: borrowing AttentionInputs
    ) throws(RunError) {
        let workload = Workload(problem: problem, instructionSet: instructionSet)
        let document: [UInt8]
        do throws(WireError) {
            document = try workload.payload()
        } catch {
            preconditionFailure("a problem must be plain JSON: \(error)")
        }
        try send(BaseCaseRequest.load.bytes(followedBy: document.count) + document)
        for tensor in TensorName.inputs {
            let whole = unsafe UnsafeRawBufferPointer(inputs.bytes(of: tensor))
            let part = unsafe UnsafeRawBufferPointer(
                rebasing: whole[..<problem.byteCount(of: tensor)]
            )
            guard try unsafe pipes.send(part) else { throw lost }
        }
        guard try answer(withinMilliseconds: Self.longestMilliseconds(problem)) == .ready else {
            throw lost
        }
        self.problem = problem
        slowestNanoseconds = 0
    }

    /// Computes the problem once and puts its output into `output`, `[slice][row][Dv]`; says whether
    /// this process was stopped meanwhile, and the other probably with it.
    package func runTrial(
        output: UnsafeMutableRawPointer
    ) throws(RunError) -> (ProcessTimes, isPaused: Bool) {
        guard let problem else { preconditionFailure("a trial needs a problem") }
        // Before the request: a pause right after it is in the time of the trial.
        var pauses = PauseWatch(.current, ready: PauseWatch.ready())
        try send(BaseCaseRequest.trial.bytes())
        // The time of earlier trials is the best guide to how long this one may take.
        let limit =
            slowestNanoseconds == 0
            ? Self.longestMilliseconds(problem)
            : max(10_000, 50 * Int(slowestNanoseconds / 1_000_000))
        let answer = try answer(withinMilliseconds: limit) {
            pauses.note(.current, ready: PauseWatch.ready)
        }
        pauses.note(.current, ready: PauseWatch.ready)
        guard case .done(let times) = answer else { throw lost }
        let bytes = unsafe UnsafeMutableRawBufferPointer(
            start: output,
            count: problem.byteCount(of: .output)
        )
        guard try unsafe pipes.receive(into: bytes) else { throw lost }
        let isPaused = pauses.paused > .zero
        if !isPaused { slowestNanoseconds = max(slowestNanoseconds, times.wallNanoseconds) }
        return (times, isPaused)
    }

    /// Twenty seconds, plus the time that a slow machine shared with many others would take.
    private static func longestMilliseconds(_ problem: AttentionProblem) -> Int {
        let shape = problem.shape
        let pairs =
            Double(shape.sliceCount) * Double(shape.queryLength) * Double(shape.keyLength)
        let seconds =
            (pairs * Double(problem.flopsPerPair) + Double(problem.mostPreparationFlops)) / 2e8
        return 20_000 + Int(min(seconds * 1000, 1e9))
    }

    private func send(_ bytes: [UInt8]) throws(RunError) {
        let isSent = try unsafe bytes.span.withUnsafeBytes { (bytes) throws(RunError) in
            try unsafe pipes.send(bytes)
        }
        guard isSent else { throw lost }
    }

    private func answer(
        withinMilliseconds limit: Int,
        awake: () -> Void = {}
    ) throws(RunError) -> BaseCaseAnswer {
        let received = try pipes.receive(
            BaseCaseAnswer.byteCount,
            withinMilliseconds: limit,
            awake: awake
        )
        guard let bytes = received, let answer = BaseCaseAnswer(bytes) else { throw lost }
        guard case .failed(let byteCount) = answer else { return answer }
        let text = try pipes.receive(byteCount) ?? []
        throw RunError(.environment, "\(name): \(String(decoding: text, as: UTF8.self))")
    }

    private var name: String {
        "the process of the base case with \(threads) thread\(threads == 1 ? "" : "s")"
    }

    /// Ends the process, which was killed or no longer answers.
    private var lost: RunError {
        let ending =
            switch process.endingIfAny() {
            case .signalled(let number):
                "killed by signal \(number)" + (process.lastWords.map { ": \($0)" } ?? "")
            case .exited(let code): "it ended with exit code \(code)"
            case .unknown: "it ended"
            case nil: "it did not answer in time"
            }
        process.kill()
        return RunError(
            .unfinished,
            "\(name) was lost (\(ending)), so there is nothing to compare with; stop other "
                + "programs and repeat"
        )
    }
}
