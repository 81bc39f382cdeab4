import ArgumentParser
import Attention
import Conformance
import Files
import Measuring
import Platform
import Record

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check over a catalogue of cases that the numbers do not depend on the cluster.",
        discussion: """
            Computes fixed corner cases and random cases of every kind of mask, head grouping, \
            size and value. Each case runs in one thread, in several threads, a few rows at a \
            time, and on real clusters of several sizes, splits, schedules, planes and transports. \
            All outputs must have the same bits, and the output of one thread must agree with a \
            plain float64 reference. A case that fails is made as small as possible and printed as \
            one line that repeats it. \
            Examples:
              headwise verify
              headwise verify --cases 1000 --seed 7 --isa avx2
              headwise verify --case "length=33 head-dimension=17 mask=causal workers=3"
            """
    )

    @Option(
        .checkedLater(0...1_000_000),
        help: "Random cases, in addition to the fixed ones. Default: 200; with --thorough 2000."
    )
    var cases: Int?

    @Option(.whole(0...UInt64.max), help: "The seed of the random cases.")
    var seed: UInt64 = 1

    @Flag(help: "2000 random cases, and the fixed cases in every arrangement. Takes minutes.")
    var thorough = false

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp(
            """
            Check only this case, in every arrangement that its words allow. Words are, for \
            example, length=33 key-length=65 head-dimension=17 mask=causal lengths=rows:edges \
            workers=2 split=rows.
            """,
            valueName: "words"
        )
    )
    var specification: String?

    @Option(
        help: "Instruction sets joined by commas, or all. Default: all of this machine.",
        completion: .names(of: InstructionSet.self)
    )
    var isa: String?

    @Option(help: "Worker counts, joined by commas. Default: 1,2,3,5.")
    var workers: String?

    @OptionGroup var printing: PrintOptions

    // For tests, and to see what a failure looks like.
    @Option(
        help: ArgumentHelp(
            "ORDINAL:KIND:N. Worker ORDINAL does KIND (die, wedge or corrupt) at its Nth shard.",
            visibility: .hidden
        )
    )
    var injectFault: [String] = []

    func run() throws {
        let interruption = try Interruption()
        let specification = try specification.map { text throws in
            try CatalogueSpecification(text)
        }
        if let specification { try requireNoContradiction(specification) }
        let options = try options(specification?.instructionSet)
        let progress = printing.progress
        let measured = try VerifyRecord.measure(
            options,
            only: specification,
            interruption: interruption,
            progress: progress.report
        )
        progress.clear()
        try printing.finish(measured, interruption: interruption)
    }

    /// Refuses flags that the words of `--case` leave without effect.
    private func requireNoContradiction(
        _ specification: CatalogueSpecification
    ) throws(ExperimentError) {
        let flags = [
            ("--cases", cases != nil, "is one case"), ("--thorough", thorough, "is one case"),
            ("--isa", isa != nil && specification.instructionSet != nil, "has the word isa"),
            (
                "--workers", workers != nil && specification.workers != nil,
                "has the word workers"
            ),
        ]
        guard let (flag, _, reason) = flags.first(where: \.1) else { return }
        throw ExperimentError(
            .usage,
            flag,
            "has no effect on --case “\(specification)”, which \(reason)",
            expected: "a case that leaves it open",
            remedy: "leave one of the two out"
        )
    }

    private func options(_ wanted: InstructionSet?) throws -> CatalogueOptions {
        let count = cases ?? (thorough ? 2000 : 200)
        try require("--cases", count, in: 0...1_000_000, remedy: "leave it out to get 200")
        let workerCounts = try numbers("--workers", workers ?? "1,2,3,5")
        for count in workerCounts {
            try require(
                "--workers",
                count,
                in: 1...64,
                remedy: "leave it out to get 1, 2, 3 and 5"
            )
        }
        return CatalogueOptions(
            instructionSets: try instructionSets(wanted?.rawValue ?? isa ?? "all"),
            workers: workerCounts,
            randomCases: count,
            seed: seed,
            isThorough: thorough,
            faults: try ClusterOptions.faults(injectFault)
        )
    }
}
