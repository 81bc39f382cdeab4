import Files
import Platform
import Record
import Report

/// The file of a page, and perhaps the folder of its plots, checked before there is any content.
struct PageWriter {
    /// Nil for standard output.
    private let output: TextOutput?
    private let folder: OutputFolder?

    init(path: String, flag: String, keepPlots: String? = nil) throws {
        output = try path == "-" ? nil : TextOutput.reserve(path: path, flag: flag)
        folder = try keepPlots.map { path throws(ExperimentError) in
            try OutputFolder.reserve(path, flag: "--keep-plots")
        }
    }

    /// Draws and writes the page; if a signal comes before it is complete, nothing of it remains.
    func write(
        _ records: [StoredRecord],
        _ head: PageHead = PageHead(),
        isQuiet: Bool,
        interruption: Interruption
    ) throws {
        let page = try ReportPage(
            records,
            head,
            gnuplot: Gnuplot(interruption: interruption.descriptor)
        )
        // If gnuplot ended early, the cause may be a Ctrl-C that reached both processes.
        if page.problem == nil {
            try interruption.check()
        } else {
            try interruption.checkForCause()
        }
        try folder?.write(page.plots.flatMap(\.files))
        try output?.write(page.text)
        if output == nil { Output.print(page.text, terminator: "") }
        guard !isQuiet else { return }
        if let problem = page.problem { Output.note("note: \(problem)") }
        if let output { Output.note("report: \(output.path)") }
    }
}
