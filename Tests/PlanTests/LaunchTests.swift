import Testing
import Work

@testable import Files
@testable import Plan

/// What starts the workers: the text of `--launch`.
struct LaunchTests {
    private static func command(_ text: String, rank: Int? = nil) throws -> [String] {
        guard case .command(let template) = try Launch(text) else { return [] }
        return template.command { place in
            switch place {
            case .worker: ["/a b/headwise", "worker", "--join", "/j"]
            case .count: ["6"]
            case .threads: ["2"]
            case .endpoint: ["ipc:///e"]
            case .join: ["/j"]
            case .rank: rank.map { ["\($0)"] } ?? []
            }
        }
    }

    @Test(arguments: [
        (
            "srun -n {count} {worker}",
            ["srun", "-n", "6", "/a b/headwise", "worker", "--join", "/j"]
        ),
        ("a  'b c' \"d e\" f\\ g {join}", ["a", "b c", "d e", "f g", "/j"]),
        ("sh -c '{worker} & wait'", ["sh", "-c", "'/a b/headwise' worker --join /j & wait"]),
        ("x --n={count}:{threads} {join}", ["x", "--n=6:2", "/j"]),
        ("sh -c 'echo ${HOME} {} {1}' {join}", ["sh", "-c", "echo ${HOME} {} {1}", "/j"]),
        ("x '' {endpoint} {join}", ["x", "", "ipc:///e", "/j"]),
    ])
    func `a template becomes the words of a command`(text: String, words: [String]) throws {
        #expect(try Self.command(text) == words)
        #expect(try Launch(text).description == text)
    }

    @Test func `a template with a rank is a command for each worker`() throws {
        for (text, isPerWorker) in [("x {rank} {worker}", true), ("x {count} {worker}", false)] {
            guard case .command(let template) = try Launch(text) else {
                Issue.record("\(text) is no template")
                continue
            }
            #expect(template.isPerWorker == isPerWorker)
        }
        #expect(try Self.command("ssh node{rank} {join}", rank: 3) == ["ssh", "node3", "/j"])
    }

    @Test func `ssh with a file of hosts is no template, and keeps its options`() throws {
        #expect(try Launch("ssh hosts.txt") == .ssh(hosts: "hosts.txt", options: []))
        let launch = try Launch("ssh 'my hosts' -p 2222")
        #expect(launch == .ssh(hosts: "my hosts", options: ["-p", "2222"]))
        #expect(try Launch(launch.description) == launch)
    }

    @Test(arguments: [
        "", "slrum", "srun -n 4 headwise", "srun {workers}", "srun 'x {worker}", "ssh", "{count}",
        "{rank} {worker}", "slurm -n 3",
    ])
    func `a text that starts no worker is refused`(text: String) {
        let error = #expect(throws: ExperimentError.self) { try Launch(flag: text) }
        #expect(error?.failure == .usage)
        #expect(error?.subject.contains("--launch") == true)
    }

    @Test(arguments: ["local", "external", "slurm", "mpi", "ssh h", "env {worker}"])
    func `a plan keeps the text`(text: String) throws {
        var plan = RunPlan()
        plan.launch = try Launch(text)
        #expect(plan.launch.description == text)
        let read = try JSONText.decode(
            RunPlan.self,
            from: Array(JSONText.encode(plan).utf8),
            source: "plan"
        )
        #expect(read.launch == plan.launch)
    }

    private static func refusal(_ change: (inout RunPlan) -> Void) -> ExperimentError? {
        var plan = RunPlan { $0.launch = .slurm }
        change(&plan)
        do throws(ExperimentError) {
            try plan.validate(availableMemoryBytes: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what workers of another program cannot do is refused`() {
        #expect(Self.refusal { $0.plane = .named(.inline) } == nil)
        #expect(Self.refusal { $0.minWorkers = 1 } == nil)
        let changes: [(String, (inout RunPlan) -> Void)] = [
            ("--plane shared", { $0.plane = .named(.shared) }),
            ("--plane copied", { $0.plane = .named(.copied) }),
            ("--outputs shared", { $0.outputs = .shared }),
            ("--pin 0", { $0.pin = .processors([0]) }),
            ("--min-workers 3", { $0.minWorkers = 3 }),
            ("--join-deadline 0", { $0.joinDeadline = 0 }),
            (
                "--min-workers 1",
                {
                    $0.launch = .local
                    $0.minWorkers = 1
                }
            ),
        ]
        for (subject, change) in changes {
            #expect(Self.refusal(change)?.subject == subject)
            #expect(Self.refusal(change)?.failure == .usage)
        }
    }

    @Test func `outputs of workers of another program are messages, and their memory is theirs`()
        throws
    {
        var plan = RunPlan { $0.workers = [64] }
        let local = try #require(plan.memoryEstimateBytes())
        #expect(plan.outputRoute(canShare: true) == .shared)
        plan.launch = .external
        #expect(plan.outputRoute(canShare: true) == .messages)
        #expect(try #require(plan.memoryEstimateBytes()) < local)
    }
}
