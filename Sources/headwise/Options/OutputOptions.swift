import ArgumentParser
import Files
import Measuring
import Platform
import Record
import Report
import Tables

extension RecordFormat: ExpressibleByArgument {}

/// The flags for what is printed.
struct PrintOptions: ParsableArguments {
    @Option(
        help: """
            What to print: table, json (the record), markdown (tables for an issue) or csv (one \
            row per sample, or per result where there are none).
            """
    )
    var format: RecordFormat = .table

    @Flag(help: "No progress, no notes; errors still go to standard error.")
    var quiet = false

    var progress: ProgressLine { ProgressLine(isQuiet: quiet) }

    func note(_ sentence: String) {
        if !quiet { Output.note(sentence) }
    }

    /// Prints what was measured, draws its page, and ends the command as the record or its failure
    /// says.
    func finish(
        _ measured: Measured<some DrawnRecord>,
        page: PageWriter? = nil,
        interruption: Interruption
    ) throws {
        guard let record = measured.record else {
            let failure = measured.failure ?? ExitStatusRequest(code: 0)
            throw orInterrupted(failure, "nothing was measured, so nothing was written")
        }
        Output.print(
            try record.text(as: format, style: .standardOutput),
            terminator: "",
            kept: measured.path
        )
        if let failure = measured.failure as? RunError, failure.isInterruption {
            for sentence in measured.notes { note(sentence) }
            let unwritten = measured.unwritten + (page == nil ? [] : ["--report"])
            let place = measured.path.map { "kept in \($0)" } ?? "above"
            throw InterruptedCommand(
                cause: failure,
                outcome: "what was measured is \(place)"
                    + (unwritten.isEmpty
                        ? "" : "; nothing was written for \(unwritten.joined(separator: ", "))")
            )
        }
        if let path = measured.path { note("record: \(path)") }
        for sentence in measured.notes { note(sentence) }
        if let page {
            do {
                let stored =
                    if let path = measured.path {
                        try StoredRecord(path: path, record)
                    } else {
                        try StoredRecord(named: record.kind, record)
                    }
                try page.write([stored], isQuiet: quiet, interruption: interruption)
            } catch {
                let place = measured.path.map { ", but the record is in \($0)" } ?? ""
                throw orInterrupted(error, "no page was written\(place)")
            }
        }
        if !measured.unwritten.isEmpty {
            note("note: nothing was written for \(measured.unwritten.joined(separator: ", "))")
        }
        if let failure = measured.failure { throw failure }
        if let code = record.exitCode, code != 0 { throw ExitStatusRequest(code: code) }
    }

    /// The error itself, or what an interrupted command says instead.
    private func orInterrupted(_ error: any Error, _ outcome: String) -> any Error {
        guard let error = error as? RunError, error.isInterruption else { return error }
        return InterruptedCommand(cause: error, outcome: outcome)
    }
}

/// The flags for what is printed and what is kept.
struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The new file for the record, or none to keep no record. Default: \
            results/<UTC time>-<command>.json in the current folder.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var record: String?

    @OptionGroup var printing: PrintOptions

    /// The path that `--record` names; nil for the default, and for no file.
    var recordPath: String? { record == RecordStore.nothing ? nil : record }

    /// Reserves the file of the record; `name` is a part of its default name.
    func reserve(name: String) throws(ExperimentError) -> RecordStore {
        if let record { return try RecordStore.reserve(path: record) }
        return try RecordStore.reserve(name: name)
    }
}
