import TestSupport
import Testing
import Work

/// What `headwise keys` and `--keys` do for those who run them.
struct KeysCommandTests {
    /// Whatever mask the user's shell has.
    @Test(arguments: ["000", "022", "077", "777"])
    func `new keys are as closed as they must be`(mask: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            "umask \(mask); headwise keys new keys --workers 1 && stat -c %a keys keys/*",
            in: folder
        )
        #expect(ending.code == 0, ending.summary)
        let modes = ending.output.split(separator: "\n").dropFirst()
        #expect(modes == ["700", "644", "600", "644", "600"], ending.summary)
    }

    @Test(arguments: ["0", "-1", "x", "100000000"])
    func `a number of workers that no run has is refused`(count: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(["keys", "new", "keys", "--workers", count], in: folder)
        #expect(ending.code == EndCode.usage, ending.summary)
        #expect(try folder.names.isEmpty)
    }

    /// A record must not show what the folder hides.
    @Test func `no secret is in what a run writes`() throws {
        let folder = try TemporaryFolder()
        var ending = try Headwise.run(["keys", "new", "keys", "--workers", "2"], in: folder)
        #expect(ending.code == 0, ending.summary)
        ending = try Headwise.run(
            ["run", "--workers", "2", "--transport", "tcp", "--keys", "keys", "--record", "r.json"]
                + smallProblem + fewTrials,
            in: folder
        )
        #expect(ending.code == 0, ending.summary)
        let record = String(decoding: try folder.bytes("r.json"), as: UTF8.self)
        #expect(record.contains("\"fingerprint\""))
        for owner in ["coordinator", "worker-0", "worker-1"] {
            let file = String(decoding: try folder.bytes("keys/\(owner).secret"), as: UTF8.self)
            let secret = try #require(file.split(separator: "\n").last?.split(separator: " ").last)
            #expect(secret.utf8.count == 40)
            for text in [record, ending.output, ending.errors] {
                #expect(!text.contains(secret))
            }
        }
    }
}
