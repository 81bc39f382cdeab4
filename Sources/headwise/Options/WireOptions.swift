import ArgumentParser
import Cluster
import Files
import Host
import Measuring
import Plan
import Platform
import Record
import Work

/// The flags that say which tasks and tensors to measure on the way, and how long.
struct WireOptions: ParsableArguments {
    private static let defaultSizes = "0,64-64MiB*16"

    @Option(help: "Worker counts, joined by commas. Default: 1, and the cores of this machine.")
    var workers: String?

    @Option(help: "ipc (a Unix socket), tcp (loopback), or both, joined by a comma.")
    var transport = Transport.ipc.rawValue

    @Option(
        help: ArgumentHelp(
            "Also measure tcp with and without the keys of this folder, from 'headwise keys new'.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var keys: String?

    @Option(
        help: """
            How payloads reach the workers, joined by commas: inline, copied, shared, resident. \
            They come back as those of 'run' do.
            """
    )
    var plane = "inline,copied,shared"

    @Option(
        help: """
            Payloads of a task, each way: such as 0,4KiB,1MiB, or FIRST-LAST*FACTOR; or none for \
            tasks without a payload alone. Default: \(defaultSizes), but none with emulated tasks.
            """
    )
    var sizes: String?

    @Option(help: "How many tasks a worker may hold, where they have no payload.")
    var credit = "1,4,16"

    @Option(
        help: """
            What workers do with tasks without a payload: none, or emulate:TIME (wait; the bare \
            loop waits as long).
            """
    )
    var compute = "none"

    @Option(
        .whole(10...1_000_000_000),
        help: """
            Also run at least so many tasks with the most workers and credit, and show time and \
            memory in tenths.
            """
    )
    var tasks: Int?

    @Option(
        .number(such: 12),
        help: ArgumentHelp("About how long to measure.", valueName: "seconds")
    )
    var budget = 12.0

    func measurement() throws -> WireMeasurement {
        var measurement = WireMeasurement()
        measurement.transports = try items("--transport", transport).map {
            WireLink(try choice("--transport", $0) as Transport)
        }
        measurement.planes = try items("--plane", plane).map { try choice("--plane", $0) }
        measurement.workers = try workerCounts()
        if let keys {
            measurement.network = try RunNetwork(
                bind: nil,
                keys: keys,
                workerCount: measurement.workers.max() ?? 1
            )
            if !measurement.transports.contains(.tcp) { measurement.transports.append(.tcp) }
            measurement.transports.append(.curve)
        }
        measurement.credits = try numbers("--credit", credit)
        for credit in measurement.credits {
            try require(
                "--credit",
                credit,
                in: 1...RunPlan.largestCredit,
                remedy: "choose a number of tasks that a worker may hold"
            )
        }
        measurement.taskNanoseconds = try taskNanoseconds()
        // Payloads take what they take, whether tasks wait or not.
        let sizes = sizes ?? (measurement.taskNanoseconds == nil ? Self.defaultSizes : "none")
        measurement.sizes =
            sizes == "none" ? [] : try SizeSpecification.sizes(sizes, flag: "--sizes")
        measurement.longRunTasks = tasks
        guard budget > 0, budget <= 86_400 else {
            throw ExperimentError(
                .usage,
                "--budget \(budget)",
                "is out of range",
                expected: "seconds, more than 0 and at most 86400",
                remedy: "write for example --budget 12"
            )
        }
        measurement.budgetSeconds = budget
        let least = measurement.leastWaitingSeconds
        guard least <= 10 * max(budget, 10) else {
            throw ExperimentError(
                .usage,
                "--compute \(compute)",
                "needs at least \(Int(least.rounded(.up))) s of waiting, ten times --budget or more",
                expected: "shorter tasks, fewer --workers, or a smaller --credit",
                remedy: "use a shorter time, or a larger --budget"
            )
        }
        try requireRoom(measurement)
        return measurement
    }

    private func workerCounts() throws -> [Int] {
        guard let workers else {
            let cores = HostDescription.current().largestUsefulWorkerCount
            return cores > 1 ? [1, cores] : [1]
        }
        let counts = try numbers("--workers", workers)
        for count in counts {
            try require(
                "--workers",
                count,
                in: 1...RunPlan.largestWorkerCount,
                remedy: "choose a number of worker processes"
            )
        }
        return counts
    }

    private func taskNanoseconds() throws -> UInt64? {
        let known = "none, or emulate:TIME"
        switch try ComputeSpecification(compute, known: known) {
        case .none: return nil
        case .emulate(let time?): return time
        case .kernel, .emulate(nil):
            throw ExperimentError(
                .usage,
                "--compute \(compute)",
                "needs a problem, which 'headwise wire' does not have",
                expected: known,
                remedy: "write for example --compute emulate:1ms, or use 'headwise run'"
            )
        }
    }

    /// Refuses what this machine cannot do, before anything is started.
    private func requireRoom(_ measurement: WireMeasurement) throws {
        if !measurement.sizes.isEmpty, !System.isSharedMemoryUnlimited,
            let plane = measurement.planes.first(where: \.sharesMemory)
        {
            throw ExperimentError(
                .environment,
                "--plane \(plane.rawValue)",
                "needs shared memory, which 'ulimit -f' or 'ulimit -v' limits here",
                expected: "a plane without shared memory, or no such limit",
                remedy: "use --plane inline, or lift the limit"
            )
        }
        let most = measurement.workers.max() ?? 1
        try ThreadLimit.require(forWorkers: measurement.mostProcesses, threads: 1)
        try DescriptorLimit.provide(forWorkers: measurement.mostProcesses)
        let needed = measurement.neededBytes
        guard let available = HostDescription.current().usableMemoryBytes, needed > available else {
            return
        }
        throw ExperimentError(
            .environment,
            "--sizes \(sizes ?? Self.defaultSizes)",
            "needs \(amount(needed, .up)) of memory with \(counted(most, "worker"))",
            expected: "at most the \(amount(available, .down)) that are available",
            remedy: "use smaller --sizes or fewer --workers"
        )
    }
}
