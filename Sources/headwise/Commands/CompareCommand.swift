import ArgumentParser
import Files
import Host
import Measuring
import Platform
import Record

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

    @OptionGroup var compared: CompareOptions
    @OptionGroup(title: "Rule") var rule: CompareRuleOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let interruption = try Interruption()
        try rule.validate()
        switch try interruption.endingAtOnce(Output.interrupted, { try compared.request() }) {
        case .save(let record, let baseline):
            try interruption.check()
            try baseline.save(record)
            output.printing.note("baseline: \(baseline.path)")
        case .records(let first, let second, let form):
            try compareRecords(first, second, form, interruption)
        case .plans(let paths):
            try measure(paths, interruption)
        }
    }

    private func compareRecords(
        _ first: CompareOptions.Side,
        _ second: CompareOptions.Side,
        _ form: CompareRecord.Form,
        _ interruption: Interruption
    ) throws {
        let record = try interruption.endingAtOnce(Output.interrupted) {
            try CompareRecord.comparing(
                first,
                with: second,
                form: form,
                rule: try rule.recordsRule(),
                allowed: try rule.allowed(),
                host: .measuring(),
                started: UTCTime.now.text,
                commandLine: CommandLine.arguments
            )
        }
        try interruption.check()
        var store = try output.reserve(name: "compare")
        let obstacle = store.finish(record)
        try output.printing.finish(
            Measured(record, path: obstacle == nil ? store.path : nil, failure: obstacle),
            interruption: interruption
        )
    }

    private func measure(_ paths: [String], _ interruption: Interruption) throws {
        var comparison = try InterleavedComparison(
            paths: paths,
            program: compared.with,
            rule: rule.measuringRule(),
            allowed: try rule.allowed(),
            otherFaults: compared.withFault,
            interruption: interruption
        )
        let progress = output.printing.progress
        let measured = try comparison.measure(
            into: try output.reserve(name: "compare"),
            outcomes: compared.appendOutcome,
            progress: progress.report
        )
        progress.clear()
        try output.printing.finish(measured, interruption: interruption)
    }
}
