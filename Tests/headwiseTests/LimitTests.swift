import Platform
import TestSupport
import Testing

/// Limits that `ulimit` sets.
struct LimitTests {
    private static let tiny = "--length 16 --batch 1 --heads 2 --quiet"
    private static let once = "--trials 1 --warmup 0 --replicates 1"

    /// Runs `line` under the limits; expects that it leaves only `names`.
    private static func run(
        _ limits: String,
        _ line: String,
        leaving names: [String] = [],
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        let ending = try Headwise.runShell("ulimit \(limits); headwise \(line)", in: folder)
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try folder.names == names, ending.summary)
        return ending
    }

    @Test(arguments: [
        ("-n 1024", "run --workers 340 \(once)", "340"),
        ("-n 1024", "run --workers 400 --transport tcp \(once)", "400"),
        ("-n 1024", "scale --workers 1,2,4,8,16,32,64,128,256", "511"),
        ("-n 8", "run --workers 1 \(once)", "1 worker"),
    ])
    func `too many workers for the limit of open files are refused`(
        _ limit: String,
        _ line: String,
        _ subject: String
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.run(limit, "\(line) \(Self.tiny)", in: folder)
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(
            ending,
            naming: [subject, "ulimit -n ", String(limit.dropFirst(3))]
        )
    }

    @Test func `more threads than the system allows are refused`() throws {
        let most = try #require(ThreadRoom.threadCount)
        // A system of millions of threads allows the largest values of the flags.
        guard most < 1024 * 1024 else { return }
        let folder = try TemporaryFolder()
        let line = "run --workers 1024 --threads 1024 \(Self.tiny)"
        let ending = try Self.run("-n 4096", line, in: folder)
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["1024", "\(most)"])
    }

    @Test(arguments: [
        // A sparse file takes no room, but it has a size.
        ("--length 1048576 --head-dimension 1 --mask causal", "w.npy", "4096.0 GiB"),
        ("--length 4194304 --head-dimension 1 --mask causal", "w.safetensors", "65536.0 GiB"),
    ])
    func `weights too large for the disk are refused before computing`(
        _ problem: String,
        _ file: String,
        _ size: String
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.run(
            "-f 2000000000",
            "run --batch 1 --heads 1 --workers 1 --weights \(file) \(problem) --quiet",
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["--weights \(file)", size])
    }

    @Test(arguments: ["ipc", "tcp"])
    func `the limit that an error names is enough`(_ transport: String) throws {
        let folder = try TemporaryFolder()
        let line = "run --workers 20 --transport \(transport) \(Self.once) \(Self.tiny)"
        let refused = try Self.run("-n 40", line, in: folder)
        #expect(refused.kind == .exited(40), refused.summary)
        let pattern = try Regex("'ulimit -n ([0-9]+)'", as: (Substring, Substring).self)
        let needed = try #require(refused.errors.firstMatch(of: pattern)?.output.1)
        let done = try Self.run(
            "-n \(needed)",
            "\(line) --record r.json",
            leaving: ["r.json"],
            in: folder
        )
        #expect(done.kind == .exited(0), done.summary)
    }

    @Test func `a soft limit is raised`() throws {
        let folder = try TemporaryFolder()
        let ending = try Self.run(
            "-Sn 40",
            "run --workers 20 --record r.json \(Self.once) \(Self.tiny)",
            leaving: ["r.json"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
    }

    @Test func `a worker names the limit of open files`() throws {
        let folder = try TemporaryFolder()
        let token = String(repeating: "5a", count: 16)
        let ending = try Self.run(
            "-n 10",
            "worker --connect tcp://127.0.0.1:1 --token-descriptor 3 3< <(printf \(token))",
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["ulimit -n "])
    }

    @Test(arguments: [
        // Larger than the weights, smaller than the output or the record.
        (400, "--output o.npy", ["--output o.npy", "2.0 MiB"]),
        (4000, "--output o.npy --weights w.npy", ["--weights w.npy", "4.0 MiB"]),
        (1, "", ["File too large"]),
        (400, "--outputs shared", ["--outputs messages"]),
    ])
    func `a file beyond the size limit is an error and is removed`(
        _ kilobytes: Int,
        _ files: String,
        _ words: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.run(
            "-f \(kilobytes)",
            "run --workers 1 --record r.json --batch 2 --heads 8 --length 256 --value-dimension 128"
                + " --quiet \(Self.once) \(files)",
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: words + ["ulimit -f"])
        // What was measured is printed, even where its record cannot be written.
        #expect(ending.output.contains("AGREES") == (kilobytes == 1), ending.summary)
    }
}
