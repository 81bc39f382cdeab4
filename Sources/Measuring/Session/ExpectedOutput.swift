import Attention
import Cluster
import Files
import Plan
import Platform
import Record
import Tensors
import Work

/// What a session computes, and the output that every process must have, bit for bit.
///
/// The inputs are those of the largest problem. A smaller problem uses the first batch elements,
/// and its output is the beginning of the larger one's.
///
/// A class, since base cases and points share it.
@safe
package final class ExpectedOutput {
    package let kernel: AttentionKernel
    let plan: RunPlan
    private let inputs: AttentionInputs
    let interruption: Interruption
    /// The kind of generated inputs; nil if the inputs come from a file.
    private let kind: ValueKind?
    private var seed: UInt64
    /// The output of one process.
    private let reference: TrialOutput
    /// What training found for the first inputs; nil where nothing is trained.
    private(set) var training: TrainingSummary?
    /// The inputs that proof trials use in place of `inputs`; made when first needed: a comparison
    /// of trials needs them once, at its end.
    private var others: OtherInputs?
    /// The right outputs for the inputs and for the other inputs, where workers may have different instruction
    /// sets.
    private let mixed: (main: MixedOutput, proof: MixedOutput)?
    private var former = FormerOutputs()
    /// What workers do instead of computing; nil if they compute.
    private var standIn: StandIn?
    /// How long one thread took for a visible pair, where workers wait as long.
    private(set) var nanosecondsPerPair: Double?

    /// `isExternal` says that the inputs come from a file.
    init(
        _ plan: RunPlan,
        _ kernel: AttentionKernel,
        _ inputs: consuming AttentionInputs,
        isExternal: Bool,
        interruption: Interruption
    ) throws(RunError) {
        reference = try TrialOutput(inputs.problem)
        mixed =
            plan.instructionSet?.isMixed == true
            ? (try MixedOutput(inputs.problem), try MixedOutput(inputs.problem)) : nil
        self.kernel = kernel
        self.plan = plan
        self.inputs = inputs
        self.interruption = interruption
        kind = isExternal ? nil : plan.values
        seed = plan.seed
    }

    /// The largest problem.
    var problem: AttentionProblem { inputs.problem }

    /// The inputs of the largest problem, valid as long as this object lives.
    @unsafe
    var view: InputView { unsafe inputs.view }

    /// The longest time a worker may take for one query block, or to wait for a task.
    var secondsPerQueryBlock: Double {
        guard let standIn else { return kernel.secondsPerQueryBlock(problem) }
        return Double(standIn.nanoseconds(pairs: unsafe problem.visiblePairs(view))) / 1e9
    }

    /// The problem of the point with this worker count.
    func problem(workers: Int) -> AttentionProblem {
        plan.forPoint(workers: workers).problem.attentionProblem(input: problem.mask)
    }

    /// Finds out what workers do instead of computing, or what they must compute.
    func prepare() throws(RunError) {
        switch plan.compute {
        case .kernel: try compute()
        case .none: standIn = .nothing
        case .emulate(let time?):
            standIn = .waiting(nanosecondsPerTask: time, nanosecondsPerPair: 0)
        case .emulate(nil):
            let time = try calibrate()
            nanosecondsPerPair = time
            standIn = .waiting(nanosecondsPerTask: 0, nanosecondsPerPair: time)
        }
    }

    /// How long one thread takes for a visible pair of the problem that one worker would have.
    private func calibrate() throws(RunError) -> Double {
        let problem = problem(workers: 1)
        let team = ThreadTeam(threadCount: 1, cancellation: interruption.cancellation)
        var shortest = UInt64.max
        // The first time, memory is touched.
        for turn in 0..<4 {
            let start = Clock.nanoseconds
            unsafe team.forwardWhole(kernel, problem, view, output: reference.floats)
            if turn > 0 { shortest = min(shortest, Clock.nanoseconds - start) }
            try interruption.check()
        }
        return Double(shortest) / Double(max(1, unsafe problem.visiblePairs(view)))
    }

    /// Computes the output of one process.
    ///
    /// The bits do not depend on the threads, so all cores share the work.
    func compute() throws(RunError) {
        unsafe allCores.forwardWhole(kernel, problem, view, output: reference.floats)
        mixed?.main.changeInputs()
        try interruption.check()
        if training == nil { training = unsafe Self.summary(problem, view) }
    }

    /// Nil where nothing is trained.
    @unsafe
    private static func summary(_ problem: AttentionProblem, _ view: InputView) -> TrainingSummary?
    {
        guard let training = problem.operation.pooling?.training,
            let sums = unsafe TrainingSums(problem, view)
        else { return nil }
        return TrainingSummary(
            losses: (0..<training.epochs).map { unsafe sums.loss(epoch: $0) },
            predictions: problem.shape.sliceCount * problem.shape.keyLength,
            widths: (0...training.epochs).map { unsafe sums.widths(epoch: $0) }
        )
    }

    /// A checksum of what every output must equal.
    package var checksum: String {
        let bytes = unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(reference.floats).assumingMemoryBound(to: UInt8.self),
            count: problem.byteCount(of: .output)
        )
        return String(Checksum.xxh64(unsafe Span(_unsafeElements: bytes)), radix: 16)
    }

    // MARK: Processes

    /// Sends a problem and its inputs to the process of a base case.
    func load(_ problem: AttentionProblem, into process: BaseCaseProcess) throws(RunError) {
        try process.load(problem, kernel.instructionSet, inputs: inputs)
    }

    /// Gives a problem and its inputs to the workers of a cluster.
    func load(_ problem: AttentionProblem, into cluster: Cluster) throws(RunError) {
        try cluster.load(
            ClusterWorkload(
                problem: problem,
                instructionSets: plan.instructionSet ?? .one(kernel.instructionSet),
                plane: plan.inputPlane,
                source: kind.map { .generated(kind: $0, seed: seed) } ?? .external,
                outputs: plan.outputRoute,
                standIn: standIn
            ),
            inputs: inputs
        )
    }

    // MARK: Trials

    /// Whether the output of a trial is right.
    ///
    /// `parts` are those of workers with different instruction sets; empty where all have that of one process.
    func agreement(
        of output: TrialOutput,
        _ problem: AttentionProblem,
        _ parts: [OutputPart] = [],
        maker: (ElementIndex) -> String
    ) throws(RunError) -> OutputAgreement {
        let right = unsafe try right(parts, found: output.floats)
        return unsafe OutputAgreement(output.floats, right, problem.outputShape, maker: maker) {
            unsafe former.contain($0, of: output.floats, problem)
        }
    }

    /// What an output of these parts must be; `found` is what workers made of it.
    @unsafe
    private func right(
        _ parts: [OutputPart],
        found: UnsafePointer<Float>? = nil,
        isProof: Bool = false
    ) throws(RunError) -> UnsafePointer<Float> {
        var inputs = unsafe view
        var single = unsafe UnsafePointer(reference.floats)
        if isProof {
            let others = try otherInputs()
            unsafe single = others.expected
            for unsafe(tensor, bytes) in unsafe others.tensors {
                unsafe inputs[tensor] = bytes.baseAddress
            }
        }
        guard let mixed, !parts.isEmpty else { return unsafe single }
        let outputs = isProof ? mixed.proof : mixed.main
        return unsafe try outputs.right(parts, found: found) { (set) throws(RunError) in
            guard set != kernel.instructionSet else { return unsafe single }
            return unsafe try outputs.whole(set) { (kernel, output) throws(RunError) in
                unsafe allCores.forwardWhole(kernel, problem, inputs, output: output)
                try interruption.check()
            }
        }
    }

    private var allCores: ThreadTeam {
        ThreadTeam(
            threadCount: Affinity.allowedProcessors.count,
            cancellation: interruption.cancellation
        )
    }

    /// Compares an output of these parts with the single-process output and the float64 reference.
    ///
    /// `earlier` are the outputs of the earlier stages from which the trial made it.
    @unsafe
    func verify(
        _ output: TrialOutput,
        _ problem: AttentionProblem,
        _ parts: [OutputPart],
        earlier: [UnsafePointer<Float>]
    ) throws(RunError) -> VerificationReport {
        var view = unsafe view
        for unsafe(stage, output) in unsafe zip(problem.stages, earlier) {
            unsafe view[stage.output] = UnsafeRawPointer(output - problem.firstElement(of: stage))
        }
        let verifier: Verifier
        do throws(AttentionError) {
            unsafe verifier = try unsafe Verifier(
                problem,
                view,
                valueKind: kind,
                seed: seed,
                mode: plan.verify,
                queryBlock: kernel.queryBlock,
                cancellation: interruption.cancellation
            )
        } catch {
            throw RunError(.environment, "the output cannot be verified: \(error)")
        }
        let report = unsafe verifier.verify(
            output: output.floats,
            singleProcessOutput: try right(parts, found: output.floats)
        )
        try interruption.check()
        return report
    }

    /// The first row of an earlier stage that a trial got wrong; nil if all are right.
    ///
    /// `found` is what the trial gathered, `isProof` says that it had other inputs.
    @unsafe
    func firstDifference(
        inEarlier found: [UnsafePointer<Float>],
        _ problem: AttentionProblem,
        isProof: Bool
    ) -> (stage: Int, slice: Int, row: Int)? {
        var inputs = unsafe view
        if isProof, let others {
            for unsafe(tensor, bytes) in unsafe others.tensors {
                unsafe inputs[tensor] = bytes.baseAddress
            }
        }
        do throws(AttentionError) {
            let right = try unsafe EarlierStages(
                problem,
                kernel,
                inputs,
                cancellation: interruption.cancellation
            )
            return unsafe right.firstDifference(in: found)
        } catch {
            // Without memory for it, the last stage is blamed; that the output is wrong is said.
            return nil
        }
    }

    // MARK: Proof by other inputs

    /// The tensors that a trial sends in place of the loaded ones.
    func otherTensors() throws(RunError) -> [TensorName: UnsafeRawBufferPointer] {
        unsafe try otherInputs().tensors
    }

    /// Whether the output of a trial with other inputs is right.
    func agreement(
        ofProof output: TrialOutput,
        _ problem: AttentionProblem,
        _ parts: [OutputPart],
        maker: (ElementIndex) -> String
    ) throws(RunError) -> OutputAgreement {
        let (found, shape) = unsafe (UnsafePointer(output.floats), problem.outputShape)
        let right = unsafe try right(parts, found: found, isProof: true)
        let former = unsafe try self.right(parts)
        let agreement = unsafe OutputAgreement(found, right, shape, maker: maker) {
            unsafe found.hasRow($0, of: former, shape)
        }
        let isTelling = unsafe !BitwiseComparison(right, former, shape: shape).isEqual
        return agreement.isEqual && !isTelling ? .untelling : agreement
    }

    private func otherInputs() throws(RunError) -> OtherInputs {
        if let others { return others }
        let made = try RunError.environment { () throws(AttentionError) in
            try unsafe OtherInputs(
                of: inputs,
                kernel,
                former: UnsafePointer(reference.floats),
                cancellation: interruption.cancellation
            )
        }
        try interruption.check()
        others = made
        return made
    }

    // MARK: Proof by an audit

    /// Changes of the seed that did not change the output, so that an audit proved nothing.
    var equalSeeds: Int { former.equalSeeds }

    /// Makes the inputs of the next seed, and computes the right output for them.
    func changeSeed() throws(RunError) {
        guard let kind else {
            preconditionFailure("the plan of an audit must have generated inputs")
        }
        let next = seed &+ 1
        if former.isEmpty { try noteFormer() }
        do throws(AttentionError) {
            let generator = try InputGenerator(problem, kind: kind, seed: next)
            try inputs.generate(generator, lengths: plan.problem.statedLengths)
        } catch {
            throw RunError(.environment, "the inputs of seed \(next) cannot be made: \(error)")
        }
        seed = next
        try compute()
        try noteFormer()
    }

    /// Notes the right output of every instruction set.
    private func noteFormer() throws(RunError) {
        let sets = plan.instructionSet?.possible ?? [kernel.instructionSet]
        let whole = OutputPart(
            slices: 0..<problem.outputShape.sliceCount,
            rows: 0..<problem.outputShape.queryLength,
            instructionSets: []
        )
        for set in sets where set != kernel.instructionSet {
            var part = whole
            part.instructionSets = [set]
            unsafe former.append(try right([part]), problem, isMain: false)
        }
        unsafe former.append(reference.floats, problem, isMain: true)
    }
}
