import ArgumentParser
import Attention
import Cluster
import Files
import Host
import Measuring
import Plan
import Platform
import Record
import Report
import Statistics
import Tables

struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Measure the kernels in one process, beside the measured roofs of its core.",
        discussion: """
            Each row is measured in several visits, with the other rows between them. Samples of \
            the kernel alternate with probes of the multiply-add peak, so that the fraction of \
            peak means the same on a busy machine. `of peak` is the ratio of the medians. `at \
            best` compares the fastest tenth of a row's samples with the highest probe of the run: \
            what the kernel reaches when other programs leave the core alone. Examples:
              headwise kernel
              headwise kernel --length 1024,4096 --head-dimension 128 --isa avx2
              headwise kernel --suite
              headwise kernel --length 1024 --mask window:256 --compare-isa
            """
    )

    private static let defaultLengths = "128,512,1024,2048,4096"
    private static let defaultDimensions = "64,128"
    private static let defaultMasks = "none;causal"

    @Flag(
        help: """
            Every kind of attention in one table: full, causal, sparse and ragged masks, odd \
            sizes, ALiBi, soft caps, steps of decoding. Each is beside the roof that binds it. \
            Takes less than a minute.
            """
    )
    var suite = false

    @Flag(help: "Measure every instruction set of this machine, and compare their speeds.")
    var compareIsa = false

    @Option(help: "Lengths, L = S, joined by commas.")
    var length = Self.defaultLengths

    @Option(help: "Head dimensions, D = Dv, joined by commas.")
    var headDimension = Self.defaultDimensions

    @Option(help: "Masks as for 'run', joined by semicolons.")
    var mask = Self.defaultMasks

    @Option(.whole(1...Int.max), help: "B, batch elements.")
    var batch = 1

    @Option(
        .whole(1...Int.max),
        help: """
            H, heads of a batch element. One head stays in the caches; with more heads, the first \
            keys of each come from memory.
            """
    )
    var heads = 1

    @Option(help: "Instruction sets joined by commas, or all. Default: the best of this machine.")
    var isa: String?

    @Option(.whole(1...1024), help: "Compute threads of the process.")
    var threads = 1

    @Option(.whole(0...UInt64.max), help: "The seed of generated tensors.")
    var seed: UInt64 = 1

    @Option(.number(such: 0.4), help: ArgumentHelp("Time for each row.", valueName: "seconds"))
    var budget = 0.4

    @Option(
        .whole(1...RunPlan.largestReplicateCount),
        help: """
            Visits to each row, with the other rows between them. Tensors of 64 MiB or more take \
            longer to make than to compute with, so their rows are visited once.
            """
    )
    var replicates = 5

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func run() throws {
        let interruption = try Interruption()
        let cases = try suite ? suiteCases() : benchmarkCases()
        let kernels = try chosenKernels()
        try validateNumbers()
        let page = try report.writer(beside: [("--record", output.record)])
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
        let loadBefore = MachineLoad.current()
        let benchmarks = benchmarks(cases, kernels, interruption)
        let failure = measure(benchmarks, interruption) {
            store.keep {
                record.rows = benchmarks.compactMap(\.row)
                return record.rows.isEmpty ? nil : record
            }
        }
        record.rows = benchmarks.compactMap(\.row)
        if let failure, record.rows.isEmpty { throw failure }
        record.warnings = record.measurementWarnings(
            loads: (loadBefore, .current()),
            peakAfter: KernelRoofs.fmaGigaflopsPerSecond(kernels[kernels.count - 1])
        )
        let unfinished = failure.map {
            Verdict(
                reasons: [$0.description],
                sentence:
                    "\(record.rows.count) of \(benchmarks.count) rows were measured, with fewer "
                    + "visits than planned.",
                isFinished: false
            )
        }
        record.verdict = unfinished ?? record.impossibility
        record.exitCode = failure?.exitCode ?? record.ending.code
        let text = try store.write(record)
        present(record, text)
        if let failure {
            let ending = page == nil ? "" : "; no page was drawn"
            throw failure.orInterrupted("what was measured is kept in \(store.path)\(ending)")
        }
        if !output.quiet { Output.note("record: \(store.path)") }
        do {
            try page?.write(
                [
                    StoredRecord(
                        path: store.path,
                        bytes: Array(text.utf8),
                        content: .kernel(record)
                    )
                ],
                isQuiet: output.quiet,
                interruption: interruption
            )
        } catch let error as ClusterError {
            throw error.orInterrupted("no page was written, but the record is in \(store.path)")
        }
        if let code = record.exitCode, code != 0 { throw ExitStatusRequest(code: code) }
    }

    private func validateNumbers() throws(ExperimentError) {
        guard (1...1024).contains(threads) else {
            throw ExperimentError(
                .usage,
                "--threads \(threads)",
                "is out of range",
                expected: "1 to 1024",
                remedy: "leave it out to get 1"
            )
        }
        guard (1...RunPlan.largestReplicateCount).contains(replicates) else {
            throw ExperimentError(
                .usage,
                "--replicates \(replicates)",
                "is out of range",
                expected: "1 to \(RunPlan.largestReplicateCount)",
                remedy: "leave it out to get 5"
            )
        }
        guard budget > 0, budget <= 3600 else {
            throw ExperimentError(
                .usage,
                "--budget \(budget)",
                "is out of range",
                expected: "seconds for each row, more than 0 and at most 3600",
                remedy: "leave it out to get 0.4"
            )
        }
    }

    private func benchmarks(
        _ cases: [KernelBenchmark.Case],
        _ kernels: [AttentionKernel],
        _ interruption: Interruption
    ) -> [KernelBenchmark] {
        let roofs = kernels.map { KernelRoofs($0) }
        return cases.flatMap { benchmark in
            roofs.map {
                KernelBenchmark(
                    benchmark,
                    roofs: $0,
                    threads: threads,
                    seed: seed,
                    budgetNanoseconds: UInt64(budget * 1e9),
                    replicates: replicates,
                    interruption: interruption
                )
            }
        }
    }

    /// Visits every row in turn, as often as the row needs, and calls `keep` after each visit.
    ///
    /// Returns the reason for an early stop, if there was one.
    private func measure(
        _ benchmarks: [KernelBenchmark],
        _ interruption: Interruption,
        keep: () -> Void
    ) -> ClusterError? {
        let progress = ProgressLine(isQuiet: output.quiet)
        defer { progress.clear() }
        let total = benchmarks.reduce(0) { $0 + $1.visitCount }
        var done = 0
        do throws(ClusterError) {
            for visit in 0..<replicates {
                for benchmark in benchmarks where visit < benchmark.visitCount {
                    try interruption.check()
                    progress.show(fraction: Double(done) / Double(total)) { benchmark.title }
                    try benchmark.visit()
                    done += 1
                    keep()
                }
            }
            return nil
        } catch {
            return error
        }
    }

    private func present(_ record: KernelRecord, _ text: String) {
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
    }

    private func suiteCases() throws -> [KernelBenchmark.Case] {
        let isPlain =
            length == Self.defaultLengths && headDimension == Self.defaultDimensions
            && mask == Self.defaultMasks && batch == 1 && heads == 1
        guard isPlain else {
            throw ExperimentError(
                .usage,
                "--suite",
                "has its own sizes and masks",
                expected: "no --length, --head-dimension, --mask, --batch or --heads with it",
                remedy: "leave out these flags, or --suite"
            )
        }
        return try KernelSuite.cases()
    }

    private func benchmarkCases() throws -> [KernelBenchmark.Case] {
        let lengths = try numbers("--length", length)
        let dimensions = try numbers("--head-dimension", headDimension)
        let masks = try items("--mask", mask, separator: ";").map { try MaskSpecification($0) }
        var cases: [KernelBenchmark.Case] = []
        for dimension in dimensions {
            for length in lengths {
                for mask in masks {
                    let plan = RunPlan {
                        $0.batch = batch
                        $0.heads = heads
                        $0.length = length
                        $0.headDimension = dimension
                        $0.mask = mask
                        $0.workers = []
                    }
                    if mask.usesInput {
                        throw ExperimentError(
                            .usage,
                            "--mask \(mask)",
                            "needs an input file, and 'headwise kernel' reads none",
                            expected: "a mask without 'input'",
                            remedy: "give another mask, or use 'headwise run --input FILE'"
                        )
                    }
                    try plan.validateSingleProcess(
                        availableMemoryBytes: HostDescription.current().usableMemoryBytes
                    )
                    cases.append(KernelBenchmark.Case(plan, input: try plan.problem.inputMask(nil)))
                }
            }
        }
        return cases
    }

    private func chosenKernels() throws -> [AttentionKernel] {
        if compareIsa, let isa, isa != "all" {
            throw ExperimentError(
                .usage,
                "--compare-isa --isa \(isa)",
                "asks for all instruction sets and for some of them",
                expected: "one of the two flags",
                remedy: "leave out --compare-isa to compare only the sets that --isa names"
            )
        }
        guard let isa = isa ?? (compareIsa ? "all" : nil) else { return [.best] }
        if isa == "all" { return InstructionSet.available.compactMap { AttentionKernel($0) } }
        return try items("--isa", isa).map { name in
            let set: InstructionSet = try choice("--isa", name)
            guard let kernel = AttentionKernel(set) else {
                throw ExperimentError.unavailable(set, remedy: "use one of these")
            }
            return kernel
        }
    }
}
