import Platform

/// Starts workers as processes of this machine that end with this one.
struct LocalLauncher: Launcher, Sendable {
    /// The program that is a worker when its first argument is `worker`.
    var executable: String

    func start(_ seat: WorkerSeat) throws(ClusterError) -> any LaunchedWorker {
        var arguments = [
            "worker", "--connect", seat.endpoint, "--rank", "\(seat.rank)",
            "--token-descriptor", "3", "--threads", "\(seat.threads)",
            "--credit", "\(seat.credit)", "--parent", "\(System.processIdentifier)",
        ]
        if !seat.processors.isEmpty {
            arguments += ["--cpus", seat.processors.map(String.init).joined(separator: ",")]
        }
        if let fault = seat.fault { arguments += ["--fault", fault] }
        for (index, memory) in seat.memory.enumerated() {
            arguments += [memory.flag, "\(ChildProcess.firstMemoryDescriptor + Int32(index))"]
        }
        return try ChildProcess(
            executable: executable,
            arguments: arguments,
            token: seat.token,
            memory: seat.memory.map(\.descriptor)
        )
    }
}

extension ChildProcess: LaunchedWorker {
    package var cpuNanoseconds: UInt64? { System.cpuNanoseconds(ofProcess: processIdentifier) }
}
