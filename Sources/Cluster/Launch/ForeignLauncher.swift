import Platform
import Work

/// Has another program start the workers: a batch system, `mpirun`, `ssh`, any command, or a person.
struct ForeignLauncher: Launcher, Sendable {
    let launch: Launch
    /// The program that is a worker when its first argument is `worker`: not `/proc/self/exe`, which would
    /// be the other program.
    var executable = programPath() ?? "headwise"

    var sharesMemory: Bool { false }

    func start(_ seats: [WorkerSeat]) throws(RunError) -> LaunchedWorkers {
        let workers = seats.map { _ in FarWorker() }
        guard let first = seats.first else { return LaunchedWorkers(workers) }
        var commands: [LaunchedWorkers.Command] = []
        for (words, ranks) in try words(seats, first) {
            let process = try HeardProcess(words, remedy: remedy)
            commands.append(LaunchedWorkers.Command(words: words, process: process, ranks: ranks))
        }
        return LaunchedWorkers(
            workers,
            request: launch == .external ? request(seats.count, first) : nil,
            doubt: launch.startsOnce && seats.count > 1
                ? "a command without {rank} is run once and must start all workers" : nil,
            commands
        )
    }

    /// Refuses what cannot start any of these worker counts, before anything is measured.
    func check(_ workerCounts: [Int]) throws(RunError) {
        let program: String?
        switch launch {
        case .local, .external: program = nil
        case .slurm: program = "srun"
        case .mpi: program = "mpirun"
        case .ssh(let hosts, _):
            program = "ssh"
            let file = try HostFile(hosts)
            for count in workerCounts { _ = try file.ranks(of: count) }
        case .command(let template):
            program = template.command { $0 == .worker ? [executable] : [""] }.first
        }
        if let program { try HeardProcess.program(program, remedy: remedy) }
    }

    /// What somebody has to do, as a sentence.
    private func request(_ count: Int, _ seat: WorkerSeat) -> String {
        let word = count == 1 ? "this worker" : "these \(count) workers"
        return "start \(word): \(LaunchedWorkers.text(worker(seat)))"
    }

    /// The whole command of a worker; without a rank, its launcher or the coordinator gives it one.
    ///
    /// With keys, all else may stand in it: what admits a worker is in the folder of keys.
    private func worker(_ seat: WorkerSeat, rank: Int? = nil) -> [String] {
        let place =
            seat.keys.map { keys in
                [
                    "--connect", seat.endpoint, "--keys", absolutePath(keys), "--threads",
                    "\(seat.threads)",
                    "--credit", "\(seat.credit)",
                ]
            } ?? seat.join.map { ["--join", $0] } ?? []
        return [executable, "worker"] + place + (rank.map { ["--rank", "\($0)"] } ?? [])
    }

    /// The commands that start all workers, each with the ranks that it starts.
    private func words(
        _ seats: [WorkerSeat],
        _ seat: WorkerSeat
    ) throws(RunError) -> [(words: [String], ranks: Range<Int>)] {
        let (count, all) = (seats.count, 0..<seats.count)
        switch launch {
        case .local, .external: return []
        case .slurm: return [(Self.srun(count, seat.threads) + worker(seat), all)]
        case .mpi: return [(Self.mpirun(count, isHere: seat.keys == nil) + worker(seat), all)]
        case .ssh(let hosts, let options):
            return try HostFile(hosts).ranks(of: count).map { host, ranks in
                let workers = ranks.map { LaunchedWorkers.text(worker(seat, rank: $0)) }
                let script = workers.joined(separator: " & ") + "; code=$?; wait; exit $code"
                let remote = LaunchedWorkers.text(["sh", "-c", script])
                return (Self.ssh + options + [host, remote], ranks)
            }
        case .command(let template):
            let ranks = template.isPerWorker ? seats.map { $0.rank..<$0.rank + 1 } : [all]
            return ranks.map { ranks in
                let rank = template.isPerWorker ? ranks.lowerBound : nil
                let words = template.command { place in
                    switch place {
                    case .worker: worker(seat, rank: rank)
                    case .count: ["\(count)"]
                    case .threads: ["\(seat.threads)"]
                    case .endpoint: [seat.endpoint]
                    case .join: [seat.join ?? ""]
                    case .rank: rank.map { ["\($0)"] } ?? []
                    }
                }
                return (words, ranks)
            }
        }
    }

    private var remedy: String {
        switch launch {
        case .slurm: "use a machine of the Slurm cluster, or another --launch"
        case .mpi: "install Open MPI or load its module, or use another --launch"
        case .ssh: "install the OpenSSH client, or use another --launch"
        case .local, .external, .command: "check the command of --launch"
        }
    }
}

extension Launch {
    /// Whether it is a command that is run once for all workers.
    fileprivate var startsOnce: Bool {
        if case .command(let template) = self { !template.isPerWorker } else { false }
    }

    /// Refuses what cannot start workers from here: its program or its file of hosts is missing.
    package func requirePossible(_ workerCounts: [Int]) throws(RunError) {
        if !isLocal { try ForeignLauncher(launch: self).check(workerCounts) }
    }

    /// How many workers it has places for, where the processors of this machine can have `here`; nil where
    /// only its user knows.
    ///
    /// In an allocation of Slurm, `mpirun` starts its ranks there, too.
    package func places(
        here: Int,
        variable: (String) -> String? = environmentValue
    ) throws(RunError) -> Int? {
        let tasks = variable("SLURM_NTASKS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        switch self {
        case .local: return here
        case .slurm: return tasks
        case .mpi: return tasks ?? here
        case .ssh(let hosts, _): return try HostFile(hosts).places
        case .external, .command: return nil
        }
    }
}

// MARK: The launchers that are known

extension ForeignLauncher {
    /// Shares an allocation, binds nobody, and lets a dead task be.
    ///
    /// `--overlap` shares an allocation with the steps of the other worker counts and with a step in which
    /// the coordinator itself may run: without it, srun would wait for their end without a word. No
    /// binding, since steps on one node would all take the same processors. A task that dies leaves the
    /// others alone, whatever the site's default.
    private static func srun(_ count: Int, _ threads: Int) -> [String] {
        [
            "srun", "--overlap", "--input=none", "--cpu-bind=none", "--kill-on-bad-exit=0",
            "--mpi=none", "-n", "\(count)", "-c", "\(threads)",
        ]
    }

    /// Lets a dead rank be, and binds nobody.
    ///
    /// A dead rank leaves the others alone, and nobody is bound to one core, which may be another run's.
    /// Without keys, ranks are on this machine, like the run's socket, so `mpirun` has no business on other
    /// networks.
    private static func mpirun(_ count: Int, isHere: Bool) -> [String] {
        ["mpirun", "--bind-to", "none", "--oversubscribe", "--enable-recovery"]
            + (isHere ? ["--mca", "oob_tcp_if_include", "lo"] : [])
            + (System.isRoot ? ["--allow-run-as-root"] : []) + ["-n", "\(count)"]
    }

    /// Asks for nothing, and takes no terminal: one connection for all workers of a host, since each takes a
    /// quarter of a second of a processor.
    private static let ssh = ["ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]
}

/// A worker whose process this one does not know.
///
/// Its end is told by its BYE, its connection or its silence; what it uses, it says itself.
final class FarWorker: LaunchedWorker {
    var endDescriptor: Int32? { nil }
    func use(threads: Bool) -> ProcessorUse { ProcessorUse() }
    var residentBytes: Int? { nil }
    var lastWords: String? { nil }
    func endingIfAny() -> ExitStatus? { nil }
    func reap() -> ExitStatus { .unknown }
    /// It was told to end, and ends with its connection.
    func kill() {}
}
