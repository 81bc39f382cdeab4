import TestSupport
import Testing

@testable import Files
@testable import Plan
@testable import Record

/// Records whose JSON is damaged.
struct RecordFaultTests {
    @Test func `a key that stands in a record twice is refused with its line`() throws {
        let folder = try TemporaryFolder()
        let text = try JSONText.encode(try sampleRecord())
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(lines.firstIndex { $0.contains("\"wallNanoseconds\"") })
        var doubled = lines
        doubled.insert(#"        "wallNanoseconds" : 1,"#, at: place)
        let path = try folder.write("r.json", doubled.joined(separator: "\n"))
        let names = [path, "points[0].samples[0].wallNanoseconds", "line \(place + 2)"]
        let reads: [() throws -> Void] = [
            { _ = try RunRecord.read(path) }, { _ = try RunPlan.read(path) },
            { _ = try CompareInput.read(path) },
        ]
        for read in reads { expectRefusal(.usage, naming: names, by: read) }
    }

    @Test(arguments: [
        (#""status" : "VALID""#, #""status" : "GOOD""#, "GOOD"),
        (#""status" : "VALID""#, #""status" : 7"#, "7"),
        (#""workers" : ["#, #""workers" : [[1],"#, "workers"),
        (#""bitwiseEqual" : true"#, #""bitwiseEqual" : 1"#, "bitwiseEqual"),
        (
            #""gigaflopsPerSecond" : 212.5"#, #""gigaflopsPerSecond" : "fast""#,
            "fast"
        ),
    ])
    func `no word of a sentence about a record is a programmer's`(
        sound: String,
        damaged: String,
        words: String
    ) throws {
        let folder = try TemporaryFolder()
        let text = try JSONText.encode(try sampleRecord())
        let changed = text.replacing(sound, with: damaged, maxReplacements: 1)
        try #require(changed != text)
        let path = try folder.write("r.json", changed)
        do throws(ExperimentError) {
            _ = try RunRecord.read(path)
            Issue.record("was not refused")
        } catch {
            let found = error.description
            #expect(found.contains(words) && found.hasPrefix("\(path)"), "\(found)")
            for word in [
                "Int", "Double", "String", "Dictionary", "Array", "Any", "decode", "Cannot",
            ] {
                #expect(!found.replacing(path, with: "").contains(word), "\(found)")
            }
        }
    }
}
