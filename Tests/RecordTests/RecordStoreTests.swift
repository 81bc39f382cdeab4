import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Plan
@testable import Record

struct RecordStoreTests {
    private let time = UTCTime(secondsSince1970: 1_763_688_240)

    @Test func `a store without a file keeps nothing and says when it is written`() throws {
        var store = try RecordStore.reserve(path: RecordStore.nothing)
        let path = store.path
        let nanoseconds = store.keep { Optional(RunPlan()) }
        var isFilled = store.isFilled
        #expect(path == nil && nanoseconds == 0 && !isFilled)
        let text = try store.write(RunPlan())
        isFilled = store.isFilled
        #expect(text.contains(RunPlan.schema) && isFilled)
    }

    @Test func `a record is rewritten in its place after every point`() throws {
        let folder = try TemporaryFolder()
        var store = try RecordStore.reserve(
            folder: "\(folder.path)/results",
            name: "scale",
            at: time
        )
        let storePath = store.path ?? ""
        #expect(storePath.hasSuffix("/results/20251121T012400Z-scale.json"))
        for points in 1...3 {
            let text = try store.write(try sampleRecord(points: points))
            #expect(try RunRecord.read(store.path ?? "").points.count == points)
            #expect(try folder.bytes("results/20251121T012400Z-scale.json") == Array(text.utf8))
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/results").count == 1
        )
    }

    @Test func `records of one second get different names`() throws {
        let folder = try TemporaryFolder()
        var first = try RecordStore.reserve(folder: folder.path, name: "run", at: time)
        let second = try RecordStore.reserve(folder: folder.path, name: "run", at: time)
        let secondPath = second.path ?? ""
        #expect(secondPath.hasSuffix("-run-2.json"))
        try first.write(RunPlan())
        var third = try RecordStore.reserve(folder: folder.path, name: "run", at: time)
        try third.write(RunPlan { $0.batch = 3 })
        let thirdPath = third.path ?? ""
        #expect(thirdPath.hasSuffix("-run-3.json"))
        #expect(try RunPlan.read(first.path ?? "") == RunPlan())
        _ = consume second
    }

    @Test func `a path that exists is refused before the run`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("mine.json", "precious")
        expectRefusal(.environment, of: "--record \(path)") {
            _ = try RecordStore.reserve(path: path)
        }
        #expect(try folder.bytes("mine.json") == Array("precious".utf8))
        #expect(try folder.names == ["mine.json"])
        expectRefusal(.environment, of: "--record \(folder.path)") {
            _ = try RecordStore.reserve(path: folder.path)
        }
    }

    @Test func `an empty claim of a killed run gets another remedy than a result`() throws {
        let folder = try TemporaryFolder()
        for flag in ["--record", "--output", "--weights"] {
            for (content, isClaim) in [("", true), ("x", false)] {
                let path = try folder.write("taken", content)
                let error = #expect(throws: ExperimentError.self) {
                    _ = try ClaimedFile.claim(path, flag: flag)
                }
                // To delete the file is advised for a claim only.
                let ofResult = ExperimentError.exists("\(flag) \(path)")
                #expect(error?.failure == .environment)
                #expect(error?.subject == ofResult.subject)
                #expect(error?.problem == ofResult.problem)
                #expect((error?.remedy != ofResult.remedy) == isClaim, "\(error?.remedy ?? "")")
                #expect(try folder.bytes("taken") == Array(content.utf8))
            }
        }
    }

    @Test func `a reserved path is refused until it is released`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/record.json"
        do {
            let store = try RecordStore.reserve(path: path)
            expectRefusal(.environment, of: "--record \(path)") {
                _ = try RecordStore.reserve(path: store.path ?? "")
            }
        }
        #expect(try folder.names.isEmpty)
        var store = try RecordStore.reserve(path: path)
        try store.write(RunPlan())
        _ = consume store
        #expect(try folder.names == ["record.json"])
    }

    @Test func `a folder made for a record that is never written is removed`() throws {
        let folder = try TemporaryFolder()
        let results = "\(folder.path)/results"
        do { _ = try RecordStore.reserve(folder: results, name: "run", at: time) }
        #expect(try folder.names.isEmpty)
        // A folder that others use, or that was there before, stays.
        do {
            let first = try RecordStore.reserve(folder: results, name: "run", at: time)
            var second = try RecordStore.reserve(folder: results, name: "run", at: time)
            try second.write(RunPlan())
            _ = consume first
        }
        #expect(try folder.names == ["results"])
        do { _ = try RecordStore.reserve(folder: results, name: "run", at: time) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: results).map { $0.suffix(11) }
                == ["-run-2.json"]
        )
    }

    /// Each path with the system's text for its error.
    @Test(arguments: [
        ("none/record.json", "No such file"), ("file/record.json", "Not a directory"),
        (String(repeating: "n", count: 300), "too long"),
    ])
    func `a path that cannot be written is refused before the run`(
        name: String,
        reason: String
    ) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("file", "x")
        let path = "\(folder.path)/\(name)"
        expectRefusal(.environment, of: path, naming: reason) {
            _ = try RecordStore.reserve(path: path)
        }
        #expect(try folder.names == ["file"])
    }

    @Test func `a folder that cannot be made is refused`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("file", "x")
        expectRefusal(.environment, naming: "\(file)/results") {
            _ = try RecordStore.reserve(folder: "\(file)/results", name: "run", at: time)
        }
        expectRefusal(.environment, naming: file) {
            _ = try RecordStore.reserve(folder: file, name: "run", at: time)
        }
    }

    @Test func `a failed write leaves the record of the point before`() throws {
        let folder = try TemporaryFolder()
        var store = try RecordStore.reserve(path: "\(folder.path)/record.json")
        try store.write(RunPlan())
        // Moving the folder away stands for a disk that fails.
        let moved = "\(folder.path)-moved"
        try FileManager.default.moveItem(atPath: folder.path, toPath: moved)
        expectRefusal(.environment, naming: "record.json") {
            try store.write(
                RunPlan {
                    $0.batch = 2
                }
            )
        }
        try FileManager.default.moveItem(atPath: moved, toPath: folder.path)
        #expect(try RunPlan.read(store.path ?? "") == RunPlan())
    }
}
