import ArgumentParser
import Attention
import Files
import Host
import Measuring
import Plan

/// The flags that say which kernels to measure on which problems, and for how long.
struct KernelOptions: ParsableArguments {
    private static let defaultLengths = "128,512,1024,2048,4096"
    private static let defaultDimensions = "64,128"
    private static let defaultMasks = "none;causal"
    private static let defaultScoring = ScoringName.scaledDot.rawValue

    @Flag(
        help: """
            Every kind of attention in one table: full, causal, sparse and ragged masks, odd \
            sizes, ALiBi, soft caps, steps of decoding, and a matrix product. Each is beside the \
            roof that binds it. Takes less than a minute.
            """
    )
    var suite = false

    @Option(
        help: ArgumentHelp(
            "Only the rows of --suite whose names contain one of these texts, joined by semicolons.",
            valueName: "texts"
        )
    )
    var only: String?

    @Flag(help: "Measure every instruction set of this machine, and compare their speeds.")
    var compareIsa = false

    @Option(help: "Lengths, L = S, joined by commas.")
    var length = Self.defaultLengths

    @Option(help: "Head dimensions, D = Dv, joined by commas.")
    var headDimension = Self.defaultDimensions

    @Option(help: "Masks as for 'run', joined by semicolons.")
    var mask = Self.defaultMasks

    @Option(help: "Scoring functions as for 'run', joined by commas.")
    var scoring = Self.defaultScoring

    @Option(.checkedLater(1...Int.max), help: "B, batch elements.")
    var batch = 1

    @Option(
        .checkedLater(1...Int.max),
        help: """
            H, heads of a batch element. One head stays in the caches; with more heads, the first \
            keys of each come from memory.
            """
    )
    var heads = 1

    @Option(
        help: "Instruction sets joined by commas, or all. Default: the best of this machine.",
        completion: .names(of: InstructionSet.self)
    )
    var isa: String?

    @Option(.checkedLater(1...1024), help: "Compute threads of the process.")
    var threads = 1

    @Option(.whole(0...UInt64.max), help: "The seed of generated tensors.")
    var seed: UInt64 = 1

    @Option(.number(such: 0.4), help: ArgumentHelp("Time for each row.", valueName: "seconds"))
    var budget = 0.4

    @Option(
        .checkedLater(1...RunPlan.largestReplicateCount),
        help: """
            Visits to each row, with the other rows between them. Tensors of 64 MiB or more take \
            longer to make than to compute with, so their rows are visited once.
            """
    )
    var replicates = 5

    /// The measurement that the flags ask for.
    func measurement() throws -> KernelMeasurement {
        try require("--threads", threads, in: 1...1024, remedy: "leave it out to get 1")
        try require(
            "--replicates",
            replicates,
            in: 1...RunPlan.largestReplicateCount,
            remedy: "leave it out to get 5"
        )
        guard budget > 0, budget <= 3600 else {
            throw ExperimentError(
                .usage,
                "--budget \(budget)",
                "is out of range",
                expected: "seconds for each row, more than 0 and at most 3600",
                remedy: "leave it out to get 0.4"
            )
        }
        return KernelMeasurement(
            cases: try suite ? suiteCases() : benchmarkCases(),
            kernels: try chosenKernels(),
            threads: threads,
            seed: seed,
            budgetSeconds: budget,
            replicates: replicates
        )
    }

    private func suiteCases() throws -> [any KernelCase] {
        let isPlain =
            length == Self.defaultLengths && headDimension == Self.defaultDimensions
            && mask == Self.defaultMasks && scoring == Self.defaultScoring && batch == 1
            && heads == 1
        guard isPlain else {
            throw ExperimentError(
                .usage,
                "--suite",
                "has its own sizes, masks and scores",
                expected:
                    "no --length, --head-dimension, --mask, --scoring, --batch or --heads with it",
                remedy: "leave out these flags, or --suite"
            )
        }
        let cases = try KernelSuite.cases()
        guard let only else { return cases }
        let texts = try items("--only", only, separator: ";")
        let chosen = cases.filter { entry in
            texts.contains { entry.title.contains($0) }
        }
        guard !chosen.isEmpty else {
            throw ExperimentError(
                .usage,
                "--only \(only)",
                "is in the name of no row of the suite",
                expected: "texts such as causal, decode or soft cap",
                remedy: "correct it, or leave it out to see all names"
            )
        }
        return chosen
    }

    /// Reads the mask of one row, and says how several rows are written.
    private static func mask(_ text: String) throws(ExperimentError) -> MaskSpecification {
        do throws(ExperimentError) {
            return try MaskSpecification(text)
        } catch {
            var refusal = error
            refusal.expected += "; and a semicolon between the masks of different rows"
            throw refusal
        }
    }

    private func benchmarkCases() throws -> [any KernelCase] {
        if let only {
            throw ExperimentError(
                .usage,
                "--only \(only)",
                "has no effect without --suite",
                expected: "--suite, whose rows have names",
                remedy: "give --suite, or leave --only out"
            )
        }
        let lengths = try numbers("--length", length)
        let dimensions = try numbers("--head-dimension", headDimension)
        let masks = try items("--mask", mask, separator: ";").map { try Self.mask($0) }
        if let mask = masks.first(where: \.usesInput) {
            throw ExperimentError(
                .usage,
                "--mask \(mask)",
                "needs an input file, and 'headwise kernel' reads none",
                expected: "a mask without 'input'",
                remedy: "give another mask, or use 'headwise run --input FILE'"
            )
        }
        let names = try items("--scoring", scoring)
        let functions: [ScoringName] = try names.map { try choice("--scoring", $0) }
        let memory = HostDescription.current().usableMemoryBytes
        var cases: [any KernelCase] = []
        for dimension in dimensions {
            for length in lengths {
                for mask in masks {
                    for function in functions {
                        let plan = RunPlan {
                            $0.batch = batch
                            $0.heads = heads
                            $0.length = length
                            $0.headDimension = dimension
                            $0.mask = mask
                            $0.scoring = function
                            $0.workers = []
                        }
                        try plan.validateSingleProcess(availableMemoryBytes: memory)
                        cases.append(AttentionCase(plan, input: try plan.problem.inputMask(nil)))
                    }
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
        return try instructionSets(isa).compactMap { AttentionKernel($0) }
    }
}
