import ArgumentParser
import Attention
import Cluster
import Experiment
import Report
import Timing

struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Single-process speed of the kernels beside this core's measured roofs.",
        discussion: """
            Every row alternates the kernel with a probe of the multiply-add peak, so that the \
            fraction of peak means the same on a noisy machine. Examples:
              headwise kernel
              headwise kernel --length 1024,4096 --head-dimension 128 --mask causal --isa avx2
            """
    )

    @Option(help: "Lengths, L = S, joined by commas.")
    var length = "128,512,1024,2048,4096"

    @Option(help: "Head dimensions, D = Dv, joined by commas.")
    var headDimension = "64,128"

    @Option(help: "Masks, each as 'run' takes it, joined by semicolons.")
    var mask = "none;causal"

    @Option(help: "B, batch elements.")
    var batch = 1

    @Option(
        help: """
            H, heads of a batch element. One stays in the caches; with more, each head's first keys \
            come from memory.
            """
    )
    var heads = 1

    @Option(help: "Instruction sets joined by commas, or all. Default: the best.")
    var isa: String?

    @Option(help: "Threads of the process.")
    var threads = 1

    @Option(help: "The seed of generated tensors.")
    var seed: UInt64 = 1

    @Option(help: "Milliseconds spent on each row.")
    var budget = 400

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() throws {
        let interruption = try Interruption()
        let cases = try benchmarkCases()
        let kernels = try chosenKernels()
        guard threads >= 1, threads <= 1024, budget >= 1, budget <= 3_600_000 else {
            throw ExperimentError(
                .usage,
                "--threads \(threads) --budget \(budget)",
                "is out of range",
                expected: "1 to 1024 threads and 1 to 3600000 milliseconds",
                remedy: "leave them out to get 1 thread and 400 ms"
            )
        }
        var store =
            if let path = output.record {
                try RecordStore.reserve(path: path)
            } else {
                try RecordStore.reserve(name: "kernel")
            }
        var record = KernelRecord(
            host: HostDescription.current(libzmqVersion: Cluster.libraryVersion),
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            roofs: try KernelRoofs.measure(
                kernels[kernels.count - 1],
                interruption: interruption
            )
        )
        let progress = ProgressLine(isQuiet: output.quiet)
        for kernel in kernels {
            var roofs = try KernelRoofs(kernel)
            for benchmark in cases {
                try interruption.check()
                let shape = benchmark.problem.shape
                progress.show {
                    "\(kernel.instructionSet.rawValue), N \(shape.queryLength), "
                        + "D \(shape.headDimension), \(benchmark.mask)"
                }
                record.rows.append(
                    try KernelBenchmark.measure(
                        benchmark,
                        kernel: kernel,
                        threads: threads,
                        seed: seed,
                        roofs: &roofs,
                        budgetNanoseconds: UInt64(budget) * 1_000_000,
                        interruption: interruption
                    )
                )
            }
        }
        try interruption.check()
        progress.clear()
        record.exitCode = 0
        let text = try store.write(record)
        switch output.format {
        case .json: Output.print(text, terminator: "")
        case .markdown: Output.print(MarkdownTable.rendered(record), terminator: "")
        case .csv: Output.print(CSVTable.rendered(record), terminator: "")
        case .table:
            Output.print(
                KernelTable.rendered(record, style: .standardOutput),
                terminator: ""
            )
        }
        if !output.quiet { Output.note("record: \(store.path)") }
    }

    private func benchmarkCases() throws -> [KernelBenchmark.Case] {
        let lengths = try numbers("--length", length)
        let dimensions = try numbers("--head-dimension", headDimension)
        let masks = try mask.split(separator: ";").map { try MaskSpecification(String($0)) }
        var cases: [KernelBenchmark.Case] = []
        for dimension in dimensions {
            for length in lengths {
                for mask in masks {
                    let plan = RunPlan(
                        batch: batch,
                        heads: heads,
                        length: length,
                        headDimension: dimension,
                        mask: mask
                    )
                    try plan.validate(
                        availableMemoryBytes: HostDescription.current().usableMemoryBytes,
                        input: try plan.inputMask(nil)
                    )
                    let problem = plan.problem(input: try plan.inputMask(nil))
                    cases.append(KernelBenchmark.Case(problem: problem, mask: mask))
                }
            }
        }
        return cases
    }

    private func chosenKernels() throws -> [AttentionKernel] {
        guard let isa else { return [.best] }
        if isa == "all" { return InstructionSet.available.compactMap { AttentionKernel($0) } }
        return try isa.split(separator: ",").map { name in
            let set: InstructionSet = try choice("--isa", String(name))
            guard let kernel = AttentionKernel(set) else {
                throw ExperimentError(
                    .environment,
                    "--isa \(set.rawValue)",
                    "is not what this processor runs",
                    expected: InstructionSet.available.map(\.rawValue).joined(separator: ", "),
                    remedy: "use one of these"
                )
            }
            return kernel
        }
    }
}
