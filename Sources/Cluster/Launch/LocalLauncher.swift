import Platform

/// Starts workers in processes of this machine that end with this one.
struct LocalLauncher: Launcher, Sendable {
    /// The program that is a worker when its first argument is `worker`.
    var executable: String

    var sharesMemory: Bool { true }

    func start(_ seats: [WorkerSeat]) throws(RunError) -> LaunchedWorkers {
        var workers: [any LaunchedWorker] = []
        for group in seats.processes {
            let process = try ChildProcess(
                executable: executable,
                arguments: group.arguments,
                token: group[0].token,
                memory: group.memory.flatMap(\.descriptors)
            )
            workers += try SharedProcess.workers(process, ranks: group.map(\.rank))
        }
        return LaunchedWorkers(workers)
    }
}

extension WorkerSeat {
    /// The command line of a worker with a process of its own.
    var arguments: [String] { [self].arguments }
}

extension [WorkerSeat] {
    /// The seats of each process.
    fileprivate var processes: [[WorkerSeat]] {
        var groups: [[WorkerSeat]] = []
        for seat in self {
            if let last = groups.last?.last, last.process == seat.process {
                groups[groups.count - 1].append(seat)
            } else {
                groups.append([seat])
            }
        }
        return groups
    }

    /// The memory that the process of these workers inherits, by flag: where each worker has its own, that
    /// of all, by rank.
    fileprivate var memory: [(flag: String, descriptors: [Int32])] {
        self[0].memory.indices.map { index in
            let descriptors = map { $0.memory[index].descriptor }
            let isCommon = Set(descriptors).count == 1
            return (self[0].memory[index].flag, isCommon ? [descriptors[0]] : descriptors)
        }
    }

    /// The command line of the process of these workers, whose token and memory are descriptors, as
    /// `ChildProcess` gives them.
    fileprivate var arguments: [String] {
        let first = self[0]
        var arguments = [
            "worker", "--connect", first.endpoint, "--rank", "\(first.rank)",
            "--token-descriptor", "3",
            "--threads", "\(first.threads)", "--credit", "\(first.credit)",
            "--parent", "\(System.processIdentifier)",
        ]
        if count > 1 { arguments += ["--workers", "\(count)"] }
        let processors = Set(flatMap(\.processors)).sorted()
        if !processors.isEmpty {
            let order = count == 1 ? first.processors : processors
            arguments += ["--cpus", order.map(String.init).joined(separator: ",")]
        }
        if let keys = first.keys { arguments += ["--keys", keys] }
        if let fault = first.fault { arguments += ["--fault", fault] }
        var descriptor = ChildProcess.firstMemoryDescriptor
        for (flag, descriptors) in memory {
            arguments += [flag, "\(descriptor)"]
            descriptor += Int32(descriptors.count)
        }
        return arguments
    }
}

extension ChildProcess: LaunchedWorker {
    package var endDescriptor: Int32? { exitDescriptor }
    package func use(threads: Bool) -> ProcessorUse {
        ProcessorUse(ofProcess: processIdentifier, threads: threads)
    }
    package var residentBytes: Int? { ResidentMemory.byteCount(ofProcess: processIdentifier) }
}
