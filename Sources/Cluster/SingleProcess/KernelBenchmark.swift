import Attention
import Experiment
import Timing

/// Times the kernel of one instruction set on one problem, beside the roof measured in turn.
package enum KernelBenchmark {
    /// One case of the table.
    package struct Case: Sendable {
        package var problem: AttentionProblem
        package var mask: MaskSpecification
        /// In the suite.
        package var name: String?
        package var alibi: AlibiSpecification?
        /// The valid lengths, where the mask states them.
        package var lengths: [Int32]?

        /// The case that a plan describes; `input` is what its files say about the mask.
        package init(_ plan: RunPlan, input: Mask = .none, name: String? = nil) {
            problem = plan.problem(input: input)
            mask = plan.mask
            alibi = plan.alibi
            lengths = plan.statedLengths
            self.name = name
        }
    }

    /// Runs kernel and probes in turn until `budgetNanoseconds` or `maximumSamples`.
    ///
    /// The fraction is the median time's rate over the *median* probe rate of the same rounds:
    /// both met the same clock rate and the same neighbours.
    package static func measure(
        _ benchmark: Case,
        kernel: AttentionKernel,
        threads: Int,
        seed: UInt64,
        roofs: inout KernelRoofs,
        budgetNanoseconds: UInt64,
        maximumSamples: Int = 1000,
        interruption: Interruption
    ) throws(ClusterError) -> KernelRow {
        let problem = benchmark.problem
        let inputs = try ClusterError.environment { () throws(AttentionError) in
            try AttentionInputs(
                InputGenerator(problem, kind: .uniform, seed: seed),
                lengths: benchmark.lengths
            )
        }
        let output = try ClusterError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: problem.byteCount(of: .output))
        }
        let operations = unsafe problem.visibleFloatingPointOperations(inputs.view)
        let base = MeasuredBaseCase(
            threads: threads,
            problem: problem,
            floatingPointOperations: operations,
            cancellation: interruption.cancellation
        )
        var samples: [UInt64] = []
        var peaks: [Double] = []
        var reads: [Double] = []
        let isLarge = problem.tensorBytes >= KernelRoof.leastReadBytes
        let start = Clock.nanoseconds
        // Short problems are repeated until a sample is long enough for the clock and the probe.
        unsafe base.compute(problem, kernel, inputs.view, output: output.floats)
        var single = Clock.nanoseconds
        unsafe base.compute(problem, kernel, inputs.view, output: output.floats)
        single = max(1, Clock.nanoseconds - single)
        let repetitions = max(1, 2_000_000 / single)
        while samples.count < 5
            || (samples.count < maximumSamples && Clock.nanoseconds - start < budgetNanoseconds)
        {
            let probeStart = Clock.nanoseconds
            let flops = roofs.runFMAProbe()
            peaks.append(flops / Double(Clock.nanoseconds - probeStart))
            if isLarge { reads.append(try roofs.readGigabytesPerSecond(threads: threads)) }
            let before = Clock.nanoseconds
            for _ in 0..<repetitions {
                unsafe base.compute(problem, kernel, inputs.view, output: output.floats)
            }
            try interruption.check()
            samples.append((Clock.nanoseconds - before) / repetitions)
        }
        guard let summary = SampleSummary(nanoseconds: samples),
            let peak = SampleSummary(nanoseconds: peaks)?.medianNanoseconds
        else { preconditionFailure("at least five samples were taken") }
        let rate = operations / summary.medianNanoseconds
        let report = unsafe verify(problem, inputs.view, output.floats, seed: seed, kernel)
        let read = SampleSummary(nanoseconds: reads)?.medianNanoseconds
        let multiplying = operations / (peak * Double(threads))
        let reading = read.map { Double(problem.tensorBytes) / $0 } ?? 0
        var row = KernelRow(
            instructionSet: kernel.instructionSet,
            threads: threads,
            shape: problem.shape,
            mask: benchmark.mask,
            samplesNanoseconds: samples,
            summary: summary,
            gigaflopsPerSecond: rate,
            fractionOfPeak: rate / (peak * Double(threads)),
            peakGigaflopsPerSecond: peak * Double(threads),
            maxAbsoluteError: report.maxAbsoluteError
        )
        row.name = benchmark.name
        row.softCap = problem.softCap
        row.alibi = benchmark.alibi
        row.status = report.status.rawValue
        row.roof = KernelRoof(
            boundBy: reading > multiplying ? .read : .fma,
            fraction: max(reading, multiplying) / summary.medianNanoseconds,
            tensorBytes: problem.tensorBytes,
            readGigabytesPerSecond: read
        )
        return row
    }

    /// A sample of rows against the float64 reference.
    private static func verify(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ output: UnsafePointer<Float>,
        seed: UInt64,
        _ kernel: AttentionKernel
    ) -> VerificationReport {
        do throws(AttentionError) {
            return try unsafe Verifier(
                problem,
                inputs,
                valueKind: .uniform,
                seed: seed,
                mode: .sampled,
                queryBlock: kernel.queryBlock
            ).verify(output: output, singleProcessOutput: nil)
        } catch {
            preconditionFailure("the inputs were generated for this problem: \(error)")
        }
    }
}

extension AttentionProblem {
    /// Floating-point operations of the visible (query, key) pairs.
    @unsafe
    package func visibleFloatingPointOperations(_ inputs: InputView) -> Double {
        let pairs = unsafe visiblePairs(lengths: inputs.lengths, visibility: inputs.visibility)
        return Double(pairs) * Double(flopsPerPair)
    }
}
