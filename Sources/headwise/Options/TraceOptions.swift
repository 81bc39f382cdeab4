import ArgumentParser
import Files

/// The flag that asks for a trace.
struct TraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Also trace a few trials after the measured ones, with the last worker count: who did what \
            when, in this new file, which ui.perfetto.dev opens.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var trace: String?

    /// Reserves the file, if a trace is wanted.
    func reserve() throws(ExperimentError) -> TextOutput? {
        guard let trace else { return nil }
        return try TextOutput.reserve(path: trace, flag: "--trace")
    }
}
