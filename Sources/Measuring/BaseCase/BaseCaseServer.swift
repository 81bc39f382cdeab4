import Attention
import Platform
import Wire

/// A process that computes a base case on request, and sleeps in a read between requests.
package struct BaseCaseServer: ~Copyable {
    private let team: ThreadTeam
    private let input: Int32
    private let output: Int32
    private var loaded: LoadedProblem?

    /// Makes a team of threads; thread i runs on the i-th of `processors` if there are any.
    package init(
        threads: Int,
        processors: [Int],
        parent: Int32?,
        input: Int32 = 0,
        output: Int32 = 1
    ) {
        ParentProcess.follow(parent)
        team = ThreadTeam(
            threadCount: threads,
            cpus: processors.isEmpty ? nil : processors,
            isTimed: true
        )
        self.input = input
        self.output = output
    }

    /// Answers until the input ends.
    package mutating func serve() throws(RunError) {
        while true {
            let bytes = try System.read(BaseCaseRequest.byteCount, from: input)
            guard !bytes.isEmpty else { return }
            guard let (request, byteCount) = BaseCaseRequest.read(bytes) else {
                return try fail("the request is unknown; let 'headwise run' start this process")
            }
            switch request {
            case .load:
                if let reason = try load(documentBytes: byteCount) { return try fail(reason) }
                try System.write(BaseCaseAnswer.ready.bytes, to: output)
            case .trial:
                guard let loaded else { return try fail("a trial was requested before a problem") }
                try System.write(BaseCaseAnswer.done(loaded.compute(team)).bytes, to: output)
                try loaded.sendOutput(to: output)
            }
        }
    }

    /// Takes a problem and its inputs; returns the reason if it cannot.
    private mutating func load(documentBytes: Int) throws(RunError) -> String? {
        // Free the memory of the former problem first.
        loaded = nil
        let document = try System.read(documentBytes, from: input)
        let next: LoadedProblem
        do {
            next = try LoadedProblem(try Workload(payload: document.span))
        } catch {
            return "\(error)"
        }
        guard try next.readInputs(from: input) else { return "the inputs ended early" }
        loaded = next
        return nil
    }

    private func fail(_ reason: String) throws(RunError) {
        let text = Array(reason.utf8.prefix(1 << 16))
        try System.write(BaseCaseAnswer.failed(byteCount: text.count).bytes + text, to: output)
    }
}

/// A problem with its tensors, as one process computes it.
///
/// A class, since it is replaced whole and its tensors cannot be copied.
private final class LoadedProblem {
    private let kernel: AttentionKernel
    private let inputs: AttentionInputs
    private let output: TrialOutput

    init(_ workload: Workload) throws {
        guard let kernel = AttentionKernel(workload.instructionSet) else {
            throw RunError(
                .environment,
                "this processor does not run \(workload.instructionSet.rawValue)"
            )
        }
        self.kernel = kernel
        inputs = try AttentionInputs(workload.problem)
        output = try TrialOutput(workload.problem)
        output.poison(workload.problem)
    }

    /// Reads the inputs; false if the stream ended early.
    func readInputs(from descriptor: Int32) throws(RunError) -> Bool {
        for tensor in TensorName.inputs {
            guard try unsafe System.read(into: inputs.bytes(of: tensor), from: descriptor) else {
                return false
            }
        }
        return true
    }

    func compute(_ team: ThreadTeam) -> ProcessTimes {
        let before = ProcessorUse.ofThisProcess
        let start = Clock.nanoseconds
        let times = unsafe team.forwardWhole(
            kernel,
            inputs.problem,
            inputs.view,
            output: output.floats
        )
        let wall = Clock.nanoseconds - start
        let used = ProcessorUse.ofThisProcess.since(before)
        return ProcessTimes(
            wallNanoseconds: wall,
            cpuNanoseconds: times.cpuNanoseconds,
            offCoreNanoseconds: times.offCoreNanoseconds,
            voluntarySwitches: used.voluntarySwitches ?? 0,
            involuntarySwitches: used.involuntarySwitches ?? 0
        )
    }

    /// Sends the output, then overwrites it, so that the next trial must write all of it again.
    ///
    /// The output is not overwritten just before the trial, because it would then be in the caches;
    /// a worker's output is not.
    package func sendOutput(to descriptor: Int32) throws(RunError) {
        try unsafe System.write(
            UnsafeRawBufferPointer(
                start: output.floats,
                count: inputs.problem.byteCount(of: .output)
            ),
            to: descriptor
        )
        output.poison(inputs.problem)
    }
}
