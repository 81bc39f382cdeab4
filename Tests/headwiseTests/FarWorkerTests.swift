import Record
import TestSupport
import Testing
import Work

#if canImport(Glibc)
import Glibc
#endif

/// Runs whose workers another program starts.
struct FarWorkerTests {
    private static func run(_ flags: [String]) -> [String] {
        ["run", "--workers", "2", "--replicates", "1", "--record", "r.json"] + smallProblem
            + fewTrials
            + flags
    }

    @Test func `a record says who started the workers, and what they share`() throws {
        let folder = try TemporaryFolder()
        let launch = "sh -c '{worker} & {worker} & wait'"
        let ending = try Headwise.run(
            Self.run(["--launch", launch, "--plane", "auto"]),
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.plan.launch.description == launch)
        let point = try #require(record.points.first)
        #expect(point.verification.bitwiseEqual == true && point.faults.isEmpty)
        #expect(point.outputs == .messages && point.plane == .inline)
        let used = point.samples.filter {
            $0.workers.allSatisfy { $0.computeCPUNanoseconds != nil }
        }
        #expect(!used.isEmpty)
        #expect(used.allSatisfy { $0.workers.allSatisfy { $0.voluntarySwitches != nil } })
        #expect(record.planeDecision?.obstacle != nil)
        #expect(record.pinning?.processors.isEmpty == true && record.pinning?.obstacle != nil)
        // The plan in the record starts them again.
        let again = try Headwise.run(
            ["run", "--plan", "r.json", "--record", "again.json"],
            in: folder
        )
        #expect(again.kind == .exited(0), again.summary)
    }

    /// Whoever runs the command that the run shows.
    @Test func `a run waits for workers that somebody else starts, and counts them`() throws {
        let folder = try TemporaryFolder()
        let run = try Headwise.start(Self.run(["--launch", "external"]), in: folder)
        var command: Substring?
        let isShown = run.wait(atMost: .seconds(30)) {
            let lines = run.errorsSoFar.split(separator: "\n")
            command = lines.first { $0.contains(" worker --join ") }
            return command != nil
        }
        try #require(isShown)
        let words = try #require(command?.split(separator: ": ").last)
        // Each worker is told that the run is over.
        let somebody = try Headwise.runShell(
            "\(words) & first=$!; \(words) & wait $first && wait $!",
            in: folder
        )
        let ending = run.finish()
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errors.contains("2 of 2"), ending.summary)
        #expect(somebody.kind == .exited(0), somebody.summary)
        #expect(try RunRecord.read(folder.file("r.json")).points.first?.faults.isEmpty == true)
    }

    @Test func `fewer workers are measured as that many`() throws {
        let folder = try TemporaryFolder()
        let launch = "sh -c 'if [ {rank} -lt 2 ]; then exec {worker}; else exit 1; fi'"
        let flags = ["scale", "--workers", "1,3", "--launch", launch, "--record", "r.json"]
        let few = flags + smallProblem + ["--trials", "1", "--warmup", "0", "--replicates", "1"]
        let ending = try Headwise.run(few + ["--min-workers", "2"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.attendance == Attendance(asked: 3, came: 2))
        #expect(record.points.map(\.workers) == [1, 2])
        #expect(record.points.allSatisfy { $0.verification.bitwiseEqual == true })
        for flags in [[], ["--min-workers", "3"]] {
            let other = try TemporaryFolder()
            let ending = try Headwise.run(few + flags, in: other)
            #expect(ending.kind == .exited(31), ending.summary)
            #expect(ending.errors.contains("2 of 3"), ending.summary)
        }
    }

    @Test func `a run that is stopped leaves no worker`() throws {
        for signal in [SIGINT, SIGKILL] {
            let folder = try TemporaryFolder()
            let run = try Headwise.start(
                [
                    "run", "--workers", "2", "--trials", "1000000", "--record", "r.json",
                    "--launch",
                    "sh -c '{worker} & {worker} & wait'",
                ] + smallProblem,
                in: folder
            )
            try #require(
                run.wait(atMost: .seconds(30)) { byteCount(of: folder.file("r.json")) > 0 }
            )
            run.send(signal)
            let ending = run.finish()
            #expect(!ending.leftProcesses, ending.summary)
            if signal == SIGINT { #expect(ending.kind == .exited(130), ending.summary) }
        }
    }

    @Test(arguments: [
        BadInput("worker --join /nowhere", code: 40, names: "/nowhere"),
        BadInput("worker --join /tmp", code: 40, names: "/tmp is not", "700"),
        BadInput("worker --join /tmp --threads 2", names: "--threads"),
        BadInput("worker --join /tmp --connect ipc:///x", names: "--join"),
        BadInput("run --launch slrum", names: "--launch slrum"),
        BadInput("run --launch slurm --plane shared", names: "--plane shared"),
        BadInput("run --launch external --inject-fault 0:die:1", names: "--inject-fault"),
        BadInput("run --min-workers 1", names: "--min-workers 1"),
        BadInput("scale --launch external", names: "--launch external", "--workers"),
    ])
    func `flags of workers of another program are checked`(_ input: BadInput) throws {
        try input.check()
    }
}
