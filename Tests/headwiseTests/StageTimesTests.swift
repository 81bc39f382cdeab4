import Record
import TestSupport
import Testing

/// The times of the stages of a problem, measured by real workers.
struct StageTimesTests {
    @Test(arguments: [
        (["--operation", "multi-head", "--embedding", "64"], ["heads", "output projection"]),
        (["--linformer", "16"], ["key projection", "value projection", "attention"]),
        (["--split", "keys", "--key-length", "5000"], ["states", "fold"]),
        (["--split", "ring", "--key-length", "5000"], []),
        (["--operation", "kernel-regression", "--epochs", "3"], ["training", "prediction"]),
        ([], []),
    ])
    func `every trial has the times of its stages`(flags: [String], stages: [String]) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            [
                "run", "--workers", "2", "--batch", "2", "--heads", "2", "--length", "64",
                "--record", "r.json",
            ] + flags + fewTrials,
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        let record = try RunRecord.read(folder.file("r.json"))
        let point = try #require(record.points.first)
        for sample in point.samples {
            let found = sample.stages ?? []
            #expect(found.map(\.stage.title) == stages)
            #expect(found.allSatisfy { $0.computeNanoseconds > 0 })
            #expect(found.allSatisfy { $0.beginNanoseconds < $0.endNanoseconds })
            // The last result of all ends the trial, and the first task begins it.
            let end = found.map(\.endNanoseconds).max() ?? sample.wallNanoseconds
            #expect(end <= sample.wallNanoseconds)
            // What waits for all of a batch element ends later.
            #expect(
                zip(found, found.dropFirst()).allSatisfy { $0.endNanoseconds <= $1.endNanoseconds }
                    || stages.count == 3
            )
        }
        for stage in stages { #expect(ending.output.contains(stage), ending.summary) }
    }
}
