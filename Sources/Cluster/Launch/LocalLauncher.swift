import Platform

/// Starts workers as processes of this machine that end with this one.
struct LocalLauncher: Launcher, Sendable {
    /// The program that is a worker when its first argument is `worker`.
    var executable: String

    var sharesMemory: Bool { true }

    func start(_ seats: [WorkerSeat]) throws(RunError) -> LaunchedWorkers {
        LaunchedWorkers(
            try seats.map { seat throws(RunError) in
                try ChildProcess(
                    executable: executable,
                    arguments: seat.arguments,
                    token: seat.token,
                    memory: seat.memory.map(\.descriptor)
                )
            }
        )
    }
}

extension WorkerSeat {
    /// The command line of a worker whose token and memory are descriptors, as `ChildProcess` gives
    /// them.
    var arguments: [String] {
        var arguments = [
            "worker", "--connect", endpoint, "--rank", "\(rank)", "--token-descriptor", "3",
            "--threads", "\(threads)", "--credit", "\(credit)",
            "--parent", "\(System.processIdentifier)",
        ]
        if !processors.isEmpty {
            arguments += ["--cpus", processors.map(String.init).joined(separator: ",")]
        }
        if let keys { arguments += ["--keys", keys] }
        if let fault { arguments += ["--fault", fault] }
        for (index, memory) in memory.enumerated() {
            arguments += [memory.flag, "\(ChildProcess.firstMemoryDescriptor + Int32(index))"]
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
