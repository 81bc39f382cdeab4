import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Plans that cannot be read and paths that cannot be written.
struct BadFileTests {
    private static let notPermitted = Array("somebody's\n".utf8)

    private static let doubled = Array(
        """
        {"schema": "headwise.plan/1",
        "workers": [1],
        "workers": [2]}
        """.utf8
    )

    @Test(arguments: [
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "headwise.plan/2",
            "headwise.plan/1",
            files: ["p.json": Array(#"{"schema":"headwise.plan/2","batch":1}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "headwise.kernel/1",
            files: ["p.json": Array(#"{"schema":"headwise.kernel/1","rows":[]}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "schema",
            files: ["p.json": Array(#"{"batch":1}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "JSON",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","ba"#.utf8)]
        ),
        BadInput("run --plan @p.json", names: "p.json", files: ["p.json": []]),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "batch",
            "--batch -1",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","batch":-1}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json --heads 0",
            names: "--heads 0",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","heads":2}"#.utf8)]
        ),
        BadInput(
            "compare @p.json @p.json",
            names: "p.json",
            "threads",
            "--threads 0",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","threads":0}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "JSON",
            files: ["p.json": [0x93, 0x4e, 0xff, 0x00, 0x7b]]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "batches",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","batches":1}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "batch",
            "one",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","batch":"one"}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "workers",
            "line 3",
            files: ["p.json": doubled]
        ),
        BadInput(
            "run --plan @p.json",
            names: "p.json",
            "plane",
            "astral",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","plane":"astral"}"#.utf8)]
        ),
        BadInput(
            "run --plan @p.json",
            names: "--length 0",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","length":0}"#.utf8)]
        ),
        BadInput("run --plan @none.json", code: 40, names: "none.json", "No such file"),
        BadInput("run --plan .", code: 40),
    ])
    func `the refusal names a plan and its fault`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput(
            "run --record @mine.json",
            code: 40,
            names: "--record",
            "mine.json",
            files: ["mine.json": notPermitted]
        ),
        BadInput(
            "scale --workers 1 --record @mine.json",
            code: 40,
            names: "--record",
            "mine.json",
            files: ["mine.json": notPermitted]
        ),
        BadInput(
            "kernel --record @mine.json",
            code: 40,
            names: "--record",
            "mine.json",
            files: ["mine.json": notPermitted]
        ),
        BadInput(
            "run --record @r.json --output @o.npy",
            code: 40,
            names: "--output",
            "o.npy",
            files: ["o.npy": notPermitted]
        ),
        BadInput(
            "run --record @r.json --output @o.safetensors",
            code: 40,
            names: "--output",
            "o.safetensors",
            files: ["o.safetensors": notPermitted]
        ),
    ])
    func `an existing file is never overwritten`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        BadInput("run --record @no/r.json", code: 40, names: "no/r.json", "No such file"),
        BadInput(
            "run --record @a-file/r.json",
            code: 40,
            names: "a-file/r.json",
            files: ["a-file": [1]]
        ),
        BadInput("run --record /proc/r.json", code: 40, names: "/proc/r.json"),
        BadInput("run --record @r.json --output @no/o.npy", code: 40, names: "no/o.npy"),
        BadInput("run --record @r.json --output /proc/o.npy", code: 40, names: "/proc/o.npy"),
        BadInput("run --record @r.json --output @o.txt", names: "--output", "o.txt", ".npy"),
        BadInput("run --record @r.json --output @o", names: "--output", ".safetensors"),
        BadInput("run --record @r.json --output .", names: "--output ."),
        BadInput("kernel --record @no/r.json", code: 40, names: "no/r.json"),
        BadInput("run --trials 1", code: 40, names: "results", files: ["results": [1]]),
        BadInput(
            "run --record @same.npy --output @same.npy",
            names: "same.npy",
            "--record",
            "--output"
        ),
    ])
    func `a path that cannot be written is refused before the run`(_ input: BadInput) throws {
        try input.check()
    }

    @Test func `two runs in one second leave two records`() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let ending = try Headwise.run(["run"] + smallProblem + fewTrials, in: folder)
            #expect(ending.kind == .exited(0), ending.summary)
        }
        #expect(try TemporaryFolder.names(in: folder.file("results")).count == 2)
    }

    @Test func `a missing folder for sockets is skipped`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["run"] + smallProblem + fewTrials,
            in: folder,
            environment: ["TMPDIR": "/nowhere/at/all", "XDG_RUNTIME_DIR": folder.path]
        )
        #expect(ending.kind == .exited(0), ending.summary)
    }
}
