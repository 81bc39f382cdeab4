import ArgumentParser
import Files
import Record
import Work

/// The files and flags that say what is compared with what.
struct CompareOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Two records, two plans, one record or one plan.", valueName: "file"),
        completion: .file()
    )
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "The program that measures B: another build of headwise.",
            valueName: "program"
        ),
        completion: .file()
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

    /// A record with its path.
    typealias Side = (path: String, record: RunRecord)

    /// What the flags and the files come to.
    enum Request {
        /// Keep a record as a baseline.
        case save(RunRecord, Baseline)
        case records(Side, Side, CompareRecord.Form)
        /// Measure the plans in these files, which may be one.
        case plans([String])
    }

    /// Reads the files, and refuses what contradicts itself.
    func request() throws -> Request {
        _ = try ClusterOptions.faults(withFault, flag: "--with-fault")
        let inputs = try files.map { path in
            (path: path, input: try CompareInput.read(path, asPlan: asPlans))
        }
        try refuseContradictions(inputs)
        let (first, second) = (inputs[0], inputs[inputs.count - 1])
        switch (first.input, second.input) {
        case (.record(let record), .record(let other)):
            if let name = saveBaseline {
                return .save(record, try Baseline(of: record, name: name))
            }
            if let name = baseline {
                let kept = try keptBaseline(name, of: record)
                return .records(
                    (kept.path, try RunRecord.read(kept.path)),
                    (first.path, record),
                    .baseline
                )
            }
            return .records((first.path, record), (second.path, other), .records)
        case (.plan, .plan):
            return .plans([first.path, second.path])
        default:
            throw usage(
                "\(first.path) (\(first.input.noun)) and \(second.path) (\(second.input.noun))",
                "cannot be compared with each other",
                remedy: "give two records or two plans, or --as-plans to measure a record's plan "
                    + "again"
            )
        }
    }

    private func keptBaseline(_ name: String, of record: RunRecord) throws -> Baseline {
        let kept = try Baseline(of: record, name: name)
        guard kept.exists else {
            Output.error(
                "there is no baseline \(kept.path): keep one with 'headwise compare RECORD "
                    + "--save-baseline\(name.isEmpty ? "" : " \(name)")'"
            )
            throw ExitStatusRequest(code: EndCode.noBaseline)
        }
        return kept
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
        guard !asPlans || form == "--with" else {
            throw usage(
                "--as-plans with \(form)",
                "cannot be given: it measures plans, and a baseline is a record",
                remedy: "leave --as-plans out"
            )
        }
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
}
