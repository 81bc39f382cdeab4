import ArgumentParser
import Attention
import Host
import Platform
import Record
import Report
import Tables

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the records of a folder, and how each plan's time changed.",
        discussion: """
            Reads every record in the folder. Each run is held against the last sound run of the \
            same plan on the same machine, whatever commit it is of, by the default rule of \
            'headwise compare': slower, faster, same or ambiguous. A record that is \
            \(Verdict.Status.unfinished), \(Verdict.Status.invalid), \
            \(Verdict.Status.disturbed) or \(VerificationStatus.mistrusted) is shown as such, and no \
            later one is held against it. \
            A file that cannot be read is named with the reason. \
            Examples:
              headwise history
              headwise history --plan causal --host this --last 20
              headwise history results ../other/results --report history.html
              headwise history --format csv > history.csv
            """
    )

    @OptionGroup var history: HistoryOptions
    @OptionGroup(title: "Output") var printing: PrintOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func run() throws {
        let interruption = try Interruption()
        let page = try report.writer(beside: [])
        let (record, text) = try interruption.endingAtOnce(Output.interrupted) {
            () throws -> (HistoryRecord, String) in
            var record = try HistoryRecord.read(
                history.sources,
                host: .measuring(),
                started: UTCTime.now.text,
                commandLine: CommandLine.arguments
            )
            try history.filter(&record)
            return (record, try record.text(as: printing.format, style: .standardOutput))
        }
        Output.print(text, terminator: "")
        guard let page else { return }
        let stored = try StoredRecord(named: "history", record)
        try page.write([stored], isQuiet: printing.quiet, interruption: interruption)
    }
}
