import ArgumentParser
import Cluster
import Files
import Host
import Platform
import Record
import Report
import Tables
import Work

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say whether B is faster or slower than A, and how sure that is.",
        discussion: """
            Two plans, or one plan and two programs: trials of A and B alternate, so what disturbs \
            the machine disturbs both. All processes start afresh for every replicate. B is the \
            second plan, or the other program:
              headwise compare a.json b.json
              headwise compare plan.json --with ../other/.build/release/headwise
            Two records: B is the second. Each needs two or more replicates, because the intervals \
            come from the differences between replicates. If there are too few, the answer says \
            how many would probably be enough:
              headwise compare results/before.json results/after.json
            One record and a baseline: keep a record as the baseline of its plan on this machine, \
            then compare later records with it:
              headwise compare results/RECORD.json --save-baseline
              headwise compare results/LATER.json --baseline

            Three times are compared: the fast end (the mean of a replicate's fastest third), the \
            mean and the 90th percentile (p90). A side's time is the geometric mean over its \
            replicates; from ten replicates on, the fifth at either end is left out. The ratio is \
            B's time over A's. Each time has a threshold. B is slower or faster if the whole \
            interval of the ratio lies beyond the threshold, and same if it lies within. B is not \
            slower if the interval lies beyond the threshold only on the faster side, and \
            ambiguous otherwise. All intervals hold together in 99 of 100 comparisons.

            Exit codes: 0 nothing slower, 20 slower in one of the times, 22 ambiguous in one of \
            the times and slower in none, 50 no baseline; 10, 11, 12, 31, 40 and 64 as in \
            'headwise --help'.
            """
    )

    @Argument(
        help: ArgumentHelp("Two records, two plans, one record or one plan.", valueName: "file")
    )
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "The program that measures B: another build of headwise.",
            valueName: "program"
        )
    )
    var with: String?

    @Option(
        defaultAsFlag: "",
        help: ArgumentHelp(
            "Compare the record with this machine's baseline of this name. Default: of its plan.",
            valueName: "name"
        )
    )
    var baseline: String?

    @Option(
        defaultAsFlag: "",
        help: ArgumentHelp(
            "Keep the record as this machine's baseline of this name. Default: of its plan.",
            valueName: "name"
        )
    )
    var saveBaseline: String?

    @Flag(help: "Measure the plans inside the records again.")
    var asPlans = false

    @OptionGroup(title: "Rule") var rule: CompareRuleOptions

    @Option(
        help: ArgumentHelp(
            "The new file for the comparison's record. Default: "
                + "results/<UTC time>-compare.json.",
            valueName: "file"
        )
    )
    var record: String?

    @Option(
        help: """
            What to print: table, json (the record), markdown or csv (one row per point and time).
            """
    )
    var format: CompareFormat = .table

    @Flag(help: "No progress, no notes; errors still go to standard error.")
    var quiet = false

    // To see the result of a comparison with a slow or faulty side.
    @Option(
        help: ArgumentHelp(
            "ORDINAL:KIND:N, a fault of B's workers, as for --inject-fault of 'run'.",
            visibility: .hidden
        )
    )
    var withFault: [String] = []

    @Option(
        help: ArgumentHelp(
            "Append one line about the outcome to this file.",
            visibility: .hidden
        )
    )
    var appendOutcome: String?

    func run() throws {
        let interruption = try Interruption()
        try rule.validate()
        _ = try ClusterOptions.faults(withFault, flag: "--with-fault")
        let inputs = try interruption.endingAtOnce(Output.interrupted) {
            try files.map { path in
                (path: path, input: try CompareInput.read(path, asPlan: asPlans))
            }
        }
        try refuseContradictions(inputs)
        switch (inputs.first?.input, inputs.last?.input) {
        case (.record(let first), .record(let second)):
            try runRecords(
                (files[0], first),
                (files[files.count - 1], second),
                interruption
            )
        case (.plan, .plan):
            try InterleavedJob(command: self, interruption: interruption).run()
        default:
            throw usage(
                "\(files[0]) (\(inputs[0].input.noun)) and \(files[1]) "
                    + "(\(inputs[1].input.noun))",
                "cannot be compared with each other",
                remedy: "give two records or two plans, or --as-plans to measure a record's plan "
                    + "again"
            )
        }
    }

    private func refuseContradictions(
        _ inputs: [(path: String, input: CompareInput)]
    ) throws(ExperimentError) {
        let forms = [
            ("--with", with), ("--baseline", baseline), ("--save-baseline", saveBaseline),
        ].filter { $0.1 != nil }.map(\.0)
        let expectedFiles = forms.isEmpty ? 2 : 1
        guard forms.count <= 1 else {
            throw usage(
                forms.joined(separator: " and "),
                "cannot be given together",
                remedy: "give only one of them"
            )
        }
        guard inputs.count == expectedFiles else {
            let form = forms.first.map { " with \($0)" } ?? ""
            throw usage(
                "\(inputs.count) file\(inputs.count == 1 ? "" : "s")\(form)",
                inputs.count == 1 ? "is not enough to compare" : "cannot be compared",
                remedy: baseline == nil && saveBaseline == nil
                    ? "name two files, or one file and --with, --baseline or --save-baseline"
                    : "name the record first, then \(forms[0]), then the baseline's name, if any"
            )
        }
        guard let form = forms.first else { return }
        let isRecord = if case .record = inputs[0].input { true } else { false }
        guard isRecord == (form != "--with") else {
            throw usage(
                "\(inputs[0].path) with \(form)",
                "is \(inputs[0].input.noun)",
                remedy: isRecord
                    ? "give a plan, or --as-plans to measure the record's plan again"
                    : "give the record of a run; 'headwise run --plan \(inputs[0].path)' makes one"
            )
        }
    }

    private func usage(
        _ subject: String,
        _ problem: String,
        remedy: String
    ) -> ExperimentError {
        ExperimentError(
            .usage,
            subject,
            problem,
            expected: "two records, two plans, one plan and --with, or one record and a baseline",
            remedy: remedy
        )
    }

    // MARK: Records

    private func runRecords(
        _ first: (path: String, record: RunRecord),
        _ second: (path: String, record: RunRecord),
        _ interruption: Interruption
    ) throws {
        if let name = saveBaseline {
            let baseline = try Baseline(of: first.record, name: name)
            try interruption.check()
            try baseline.save(first.record)
            if !quiet { Output.note("baseline: \(baseline.path)") }
            return
        }
        var first = first
        if let name = baseline {
            let kept = try Baseline(of: second.record, name: name)
            guard kept.exists else {
                Output.error(
                    "there is no baseline \(kept.path): keep one with 'headwise compare RECORD "
                        + "--save-baseline\(name.isEmpty ? "" : " \(name)")'"
                )
                throw ExitStatusRequest(code: EndCode.noBaseline)
            }
            first = (
                kept.path,
                try interruption.endingAtOnce(Output.interrupted) {
                    () throws(ExperimentError) in try RunRecord.read(kept.path)
                }
            )
        }
        var comparison = try interruption.endingAtOnce(Output.interrupted) {
            try CompareRecord.comparing(
                first,
                with: second,
                form: baseline == nil ? .records : .baseline,
                rule: rule.rule(),
                allowed: try rule.allowed(),
                host: HostDescription.current(libzmqVersion: Cluster.libraryVersion),
                started: UTCTime.now.text,
                commandLine: CommandLine.arguments
            )
        }
        comparison.close()
        try interruption.check()
        var store = try reserveRecord()
        try store.write(comparison)
        try present(comparison, path: store.path)
        if let code = comparison.exitCode, code != 0 { throw ExitStatusRequest(code: code) }
    }

    // MARK: Output

    func reserveRecord() throws(ExperimentError) -> RecordStore {
        if let record { return try RecordStore.reserve(path: record) }
        return try RecordStore.reserve(name: "compare")
    }

    func present(_ comparison: CompareRecord, path: String) throws(ExperimentError) {
        switch format {
        case .json: Output.print(try JSONText.encode(comparison), terminator: "")
        case .table:
            Output.print(
                CompareTable.rendered(comparison, style: .standardOutput),
                terminator: ""
            )
        case .markdown: Output.print(CompareTable.markdown(comparison), terminator: "")
        case .csv: Output.print(CompareTable.csv(comparison), terminator: "")
        }
        if !quiet { Output.note("record: \(path)") }
    }
}

extension CompareRecord {
    /// Says in the verdict what has been found.
    mutating func close() {
        let reasons = verdict?.reasons ?? []
        verdict = Verdict(reasons: reasons, sentence: CompareTable.sentence(for: self))
    }
}
