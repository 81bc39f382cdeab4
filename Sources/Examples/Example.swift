import Files

/// A worked case that runs real workers: it writes its inputs, calls commands that its reader can
/// repeat, and ends in what to look at.
///
/// An example computes nothing that the commands do not; it only makes inputs and reads outputs.
package struct Example: Sendable {
    package let name: String
    /// One line.
    package let summary: String
    private let body: @Sendable (inout ExampleRun) throws -> Void

    init(
        _ name: String,
        _ summary: String,
        _ body: @escaping @Sendable (inout ExampleRun) throws -> Void
    ) {
        self.name = name
        self.summary = summary
        self.body = body
    }

    /// All, in the order in which one learns from them.
    package static let all: [Example] = [
        maskedSoftmax, workedExample, scalingFactor, multiHead, kernelRegression,
        globalLocalSparse, translation, captioning, video,
    ]

    package static func named(_ name: String) throws(ExperimentError) -> Example {
        if let example = all.first(where: { $0.name == name }) { return example }
        throw ExperimentError.unknownValue("example", name, known: all.map { $0.name })
    }

    /// Runs it: every file goes into the folder of `run`.
    package func run(_ run: inout ExampleRun) throws {
        run.title = "\(name): \(summary)"
        try body(&run)
    }
}
