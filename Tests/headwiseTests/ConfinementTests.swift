import FoundationEssentials
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What containers and sandboxes withhold: memory, threads, system calls, `/proc`, disk space.
@Suite(.serialized) struct ConfinementTests {
    private static let line =
        "run --workers 1 --length 16 --batch 1 --heads 2 --quiet --trials 1 --warmup 0 "
        + "--replicates 1 --record r.json"
    private static let program = "exec '\(Headwise.path)'"

    /// Expects a result, or one sentence with `words` and exit code 40, and nothing else.
    private static func expectDoneOrRefused(
        _ ending: Ending,
        _ words: [String],
        in folder: borrowing TemporaryFolder
    ) throws {
        if ending.kind == .exited(0) {
            #expect(try folder.names == ["r.json"], ending.summary)
            #expect(ending.output.contains("AGREES"), ending.summary)
            try FileManager.default.removeItem(atPath: folder.file("r.json"))
        } else {
            #expect(ending.kind == .exited(40), ending.summary)
            expectOneSentence(ending, naming: words)
            #expect(try folder.names.isEmpty, ending.summary)
        }
    }

    @Test(.enabled(if: ControlGroup.isThere("memory"), "\(ControlGroup.isMissing)"))
    func `a small memory is refused and never exceeded`() throws {
        let group = try ControlGroup("memory")
        let folder = try TemporaryFolder()
        var codes: [Int32?] = []
        // The probe of reading takes at least 32 MiB, more where caches cannot be emptied, and the run some.
        for mebibytes in [32, 64, 96, 128, 160, 256, 4096] {
            let limit = group.limiting(
                ("memory.limit_in_bytes", "memory.max"),
                to: "\(mebibytes << 20)"
            )
            let ending = try Headwise.runShell(
                "\(limit) && \(group.entering) && \(Self.program) \(Self.line)",
                in: folder
            )
            try Self.expectDoneOrRefused(ending, ["needs", "MiB"], in: folder)
            codes.append(ending.code)
        }
        #expect(codes.first == 40 && codes.last == 0)
    }

    /// Whether its tensors find no room or the inputs of a single trial, which come in messages.
    @Test func `a worker without memory says so at once`() throws {
        let folder = try TemporaryFolder()
        // The boundary lies between; the last trial with too little has room for all but a trial's inputs.
        var (little, much) = (256 << 10, 2 << 20)
        while much - little > 64 << 10 {
            let kibibytes = (little + much) / 2
            let worker =
                #"--launch "sh -c 'ulimit -v \#(kibibytes); exec \"\$@\"' x {worker}" --join-deadline 5"#
            let ending = try Headwise.runShell(
                "\(Self.program) run --workers 1 --batch 1 --heads 8 --length 1 --key-length 32768 "
                    + "--budget 0.1 --record none \(worker)",
                in: folder
            )
            if ending.kind == .exited(0) {
                much = kibibytes
            } else {
                little = kibibytes
                #expect(ending.kind == .exited(40), ending.summary)
                #expect(ending.errors.contains("memory"), ending.summary)
            }
        }
        #expect(little > 256 << 10 && much < 2 << 20)
    }

    @Test func `a run whose every trial lost a worker is unfinished`() throws {
        let folder = try TemporaryFolder()
        let launch =
            #"sh -c 'test \$0 = 0 || ulimit -v 420000; HEADWISE_RANK=\$0 exec \"\$@\"' {rank} {worker}"#
        let ending = try Headwise.runShell(
            "\(Self.program) run --workers 2 --batch 1 --heads 8 --length 1 --key-length 65536 "
                + "--trials 1 --warmup 0 --replicates 1 --record r.json --launch \"\(launch)\"",
            in: folder
        )
        #expect(ending.kind == .exited(31), ending.summary)
        #expect(ending.errors.contains("memory"), ending.summary)
        let record = try JSONValue(try folder.bytes("r.json"))
        #expect(record["verdict.status"]?.text == "UNFINISHED", ending.summary)
    }

    @Test(.enabled(if: ControlGroup.isThere("pids"), "\(ControlGroup.isMissing)"))
    func `few processes are refused at every number`() throws {
        let group = try ControlGroup("pids")
        let folder = try TemporaryFolder()
        var codes: [Int32?] = []
        for count in isThorough ? Array(1...12) : [1, 2, 4, 7, 9, 12] {
            let limit = group.limiting(("pids.max", "pids.max"), to: "\(count)")
            let ending = try Headwise.runShell(
                "\(group.entering) && \(limit) && \(Self.program) \(Self.line)",
                in: folder
            )
            try Self.expectDoneOrRefused(ending, ["ulimit -u", "pids"], in: folder)
            codes.append(ending.code)
        }
        #expect(codes.first == 40 && codes.last == 0)
    }

    private static let stranger = "setpriv --reuid 61234 --regid 61234 --clear-groups"

    @Test(
        .enabled(
            if: Confinement.works("\(stranger) test -x '\(Headwise.path)'"),
            "this process cannot become another user who may run the program"
        )
    )
    func `few processes of a user are refused at every number`() throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o777) == 0)
        var codes: [Int32?] = []
        for count in isThorough ? Array(1...12) : [1, 3, 8, 10, 12] {
            let ending = try Headwise.runShell(
                "\(Self.stranger) prlimit --nproc=\(count) '\(Headwise.path)' \(Self.line)",
                in: folder
            )
            try Self.expectDoneOrRefused(ending, ["ulimit -u"], in: folder)
            codes.append(ending.code)
        }
        #expect(codes.first == 40 && codes.last == 0)
    }

    #if arch(x86_64)
    private static func filtered(
        _ call: String,
        in folder: borrowing TemporaryFolder,
        isQuiet: Bool = true
    ) throws -> Ending {
        let words = line.split(separator: " ").map(String.init)
        return try Python.run(
            Confinement.filter,
            [call, Headwise.path] + words.filter { isQuiet || $0 != "--quiet" },
            in: folder
        )
    }

    private static let hasFilters: Bool = {
        guard let folder = try? TemporaryFolder() else { return false }
        let ending = try? Python.run(Confinement.filter, ["pidfd_open", "/bin/true"], in: folder)
        return ending?.kind == .exited(0)
    }()

    @Test(
        .enabled(if: hasFilters, "this process cannot filter system calls"),
        arguments: ["pidfd_open", "fsync", "eventfd2", "epoll_create1", "pipe2", "socket"]
    )
    func `a filter of system calls is named`(_ call: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.filtered(call, in: folder)
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["seccomp"])
        #expect(try folder.names.isEmpty)
    }

    @Test(
        .enabled(if: hasFilters, "this process cannot filter system calls"),
        arguments: ["sched_setaffinity", "sched_getaffinity"]
    )
    func `a run that may not choose its processors is a run`(_ call: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.filtered(call, in: folder, isQuiet: false)
        #expect(ending.kind == .exited(0), ending.summary)
        let notes = ending.errorLines.filter { $0.contains(call) && $0.contains("seccomp") }
        #expect(notes.count == 1, ending.summary)
    }
    #endif

    private static let withoutProcesses = "umount -l /proc"

    @Test(
        .enabled(
            if: Confinement.works(Confinement.withMounts(withoutProcesses, "true")),
            "this process cannot have mounts of its own"
        ),
        arguments: ["", "--version", "run --workers 1", "kernel", "host"]
    )
    func `a system without proc is one sentence`(_ line: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            Confinement.withMounts(Self.withoutProcesses, "\(Self.program) \(line)"),
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["/proc", "mount -t proc"])
        #expect(try folder.names.isEmpty, ending.summary)
    }

    private static func disk(_ kibibytes: Int) -> String {
        "mkdir d && mount -t tmpfs -o size=\(kibibytes)k none d && cd d"
    }
    private static let hasDisks = Confinement.works(Confinement.withMounts(disk(64), "true"))
    private static let noDisk = "this process cannot mount a small disk"

    @Test(.enabled(if: hasDisks, "\(noDisk)"))
    func `a disk without room is refused before the run`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell(
            Confinement.withMounts(Self.disk(512), "\(Self.program) \(Self.line)"),
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        expectOneSentence(ending, naming: ["r.json", "disk space"])
        #expect(ending.output.isEmpty, ending.summary)
    }

    @Test(.enabled(if: hasDisks, "\(noDisk)"))
    func `a record has its room on a disk that fills up during the run`() throws {
        let folder = try TemporaryFolder()
        // The disk is filled as soon as the record's path is claimed and its room is held.
        let run =
            "'\(Headwise.path)' run --workers 1 --length 64 --batch 1 --heads 2 --quiet "
            + "--trials 200 --warmup 0 --replicates 3 --record r.json >../out"
        let filled =
            "{ \(run) & }; while [ ! -e r.json ]; do :; done; "
            + "! cat /dev/zero >full 2>/dev/null && [ -s full ] && wait $! && cp r.json .."
        let ending = try Headwise.runShell(
            Confinement.withMounts(Self.disk(1600), filled.replacing("$", with: "\\$")),
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let record = try JSONValue(try folder.bytes("r.json"))
        #expect(record["exitCode"] == .number(0))
        #expect(String(decoding: try folder.bytes("out"), as: UTF8.self).contains("AGREES"))
    }

    @Test(.enabled(if: hasDisks, "\(noDisk)"))
    func `a trace that finds no room leaves the record and no file`() throws {
        let folder = try TemporaryFolder()
        let run =
            "'\(Headwise.path)' run --workers 2 --length 128 --batch 2 --heads 2 --trials 2 --warmup 0 "
            + "--replicates 1 --quiet --record ../r.json --trace t.json"
        let ending = try Headwise.runShell(
            Confinement.withMounts(
                Self.disk(8),
                "\(run); code=$?; ls -A; exit $code".replacing("$", with: "\\$")
            ),
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        #expect(ending.errorLines.count == 1 && ending.errors.contains("t.json"), ending.summary)
        // The table, and no name of a file below it.
        #expect(!ending.output.contains("t.json"), ending.summary)
        let record = try JSONValue(try folder.bytes("r.json"))
        #expect(record["exitCode"] == .number(0))
    }

    @Test func `what a killed coordinator left is removed by the next run`() throws {
        let folder = try TemporaryFolder()
        let left = try folder.makeFolder("headwise-aB3dE6")
        try #require(chmod(left, 0o700) == 0)
        let ending = try Headwise.run(Self.line.split(separator: " ").map(String.init), in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
    }
}
