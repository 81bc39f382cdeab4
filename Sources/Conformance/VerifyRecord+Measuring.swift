import Attention
import Measuring
import Platform
import Record

extension VerifyRecord {
    /// Runs the catalogue, or only the case of `specification`, and records what it found.
    package static func measure(
        _ options: CatalogueOptions,
        only specification: CatalogueSpecification? = nil,
        interruption: Interruption,
        progress: ProgressReport
    ) throws -> Measured<VerifyRecord> {
        var record = VerifyRecord(
            host: .measuring(),
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            seed: options.seed,
            randomCases: specification == nil ? options.randomCases : 0,
            instructionSets: options.instructionSets,
            workers: options.workers
        )
        var catalogue = Catalogue(options, interruption: interruption)
        var failure: RunError?
        do {
            if let specification {
                try catalogue.run(specification) { step in progress(nil) { step } }
            } else {
                try catalogue.run { step in progress(nil) { step } }
            }
        } catch let error as RunError {
            failure = error
        }
        record.rows = catalogue.rows
        record.counts = catalogue.counts
        record.failures = catalogue.failures
        record.strangers = catalogue.strangers
        record.notes = catalogue.notes + [catalogue.strangers?.inWords].compactMap { $0 }
        record.isComplete = catalogue.isComplete
        record.exitCode = failure?.exitCode ?? record.ending
        return Measured(failure != nil && record.rows.isEmpty ? nil : record, failure: failure)
    }
}
