import ArgumentParser
import Attention
import Cluster
import Conformance
import Files
import Host
import Platform
import Record
import Report
import Tables

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check over a catalogue of cases that the numbers do not depend on the cluster.",
        discussion: """
            Computes fixed corner cases and random cases of every kind of mask, head grouping, \
            size and value. Each case runs in one thread, in several threads, and on real clusters \
            of several sizes, splits, schedules, planes and transports. All outputs must have the \
            same bits, and the output of one thread must agree with a plain float64 reference. A \
            case that fails is made as small as possible and printed as one line that repeats it. \
            Examples:
              headwise verify
              headwise verify --cases 1000 --seed 7 --isa avx2
              headwise verify --case "length=33 head-dimension=17 mask=causal workers=3"
            """
    )

    @Option(
        .whole(0...1_000_000),
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

    @Option(help: "Instruction sets joined by commas, or all. Default: all of this machine.")
    var isa: String?

    @Option(help: "Worker counts, joined by commas.")
    var workers = "1,2,3,5"

    @Option(help: "What to print: table or json.")
    var format: OutputOptions.Format = .table

    @Flag(help: "No progress, no notes; errors still go to standard error.")
    var quiet = false

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
        let specification = try specification.map { text throws(ExperimentError) in
            try CatalogueSpecification(text)
        }
        let options = try options(specification)
        var record = VerifyRecord(
            host: HostDescription.current(libzmqVersion: Cluster.libraryVersion),
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            seed: seed,
            randomCases: specification == nil ? options.randomCases : 0,
            instructionSets: options.instructionSets,
            workers: options.workers
        )
        let catalogue = Catalogue(options, interruption: interruption)
        let progress = ProgressLine(isQuiet: quiet)
        var failure: ClusterError?
        do {
            if let specification {
                try catalogue.run(specification) { step in progress.show { step } }
            } else {
                try catalogue.run { step in progress.show { step } }
            }
        } catch let error as ClusterError {
            failure = error
        }
        progress.clear()
        record.take(catalogue)
        record.exitCode = failure?.exitCode ?? record.ending
        try present(record)
        if let failure {
            throw failure.orInterrupted(
                record.rows.isEmpty
                    ? "nothing was checked yet"
                    : "the workers are gone, and what was checked until then is above"
            )
        }
        if let code = record.exitCode, code != 0 { throw ExitStatusRequest(code: code) }
    }

    private func options(_ specification: CatalogueSpecification?) throws -> CatalogueOptions {
        let count = cases ?? (thorough ? 2000 : 200)
        guard (0...1_000_000).contains(count) else {
            throw ExperimentError(
                .usage,
                "--cases \(count)",
                "is out of range",
                expected: "0 to 1000000 random cases",
                remedy: "leave it out to get 200"
            )
        }
        let workerCounts = try numbers("--workers", workers)
        guard workerCounts.allSatisfy({ (1...64).contains($0) }) else {
            throw ExperimentError(
                .usage,
                "--workers \(workers)",
                "is out of range",
                expected: "counts from 1 to 64",
                remedy: "leave it out to get 1, 2, 3 and 5"
            )
        }
        return CatalogueOptions(
            instructionSets: try instructionSets(specification?.instructionSet),
            workers: workerCounts,
            randomCases: count,
            seed: seed,
            isThorough: thorough,
            faults: try ClusterOptions.faults(injectFault)
        )
    }

    private func instructionSets(_ wanted: InstructionSet?) throws -> [InstructionSet] {
        let names = try items("--isa", isa ?? "all")
        guard names != ["all"] || wanted != nil else { return InstructionSet.available }
        let sets: [InstructionSet] =
            if let wanted { [wanted] } else {
                try names.map { try choice("--isa", $0) }
            }
        for set in sets where !set.isAvailable {
            throw ExperimentError.unavailable(set, remedy: "use one of these")
        }
        return sets
    }

    private func present(_ record: VerifyRecord) throws {
        switch format {
        case .json:
            Output.print(try JSONText.encode(record), terminator: "")
        case .table where specification != nil:
            Output.print(
                VerifyTable.renderedEach(record, style: .standardOutput),
                terminator: ""
            )
        case .table:
            Output.print(VerifyTable.rendered(record, style: .standardOutput), terminator: "")
        }
    }
}

extension VerifyRecord {
    /// The results of a catalogue, whether or not its run finished.
    fileprivate mutating func take(_ catalogue: Catalogue) {
        rows = catalogue.rows
        counts = catalogue.counts
        failures = catalogue.failures
        notes = catalogue.notes
        isComplete = catalogue.isComplete
    }
}
