import Host
import Statistics
import Work

/// What tasks and their tensors cost on the way: real clusters whose workers compute nothing, beside
/// what ZeroMQ, a socket and a copy take alone.
package struct WireRecord: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        case wire = "headwise.wire/1"
    }

    package private(set) var schema = Schema.wire
    package var host: HostDescription
    /// When the run began, UTC, `2025-11-21T01:24:00Z`.
    package var started: String
    package var commandLine: [String]
    /// How long each task waits, here and in the bare loop; absent where tasks are empty.
    package var taskNanoseconds: UInt64?
    package var roundTrips: [WireRoundTrip] = []
    package var tasks: [WireTasks] = []
    package var transfers: [WireTransfer] = []
    /// The long run of tasks, where it was asked for.
    package var endurance: WireEndurance?
    /// The most memory that this process has had, with the payloads of all sizes and the bare loops.
    package var coordinatorPeakBytes: Int?
    /// Reasons to trust the figures less.
    package var warnings: [MeasurementWarning]?
    package var verdict: Verdict?
    package var exitCode: Int32?

    package init(host: HostDescription, started: String, commandLine: [String]) {
        self.host = host
        self.started = started
        self.commandLine = commandLine
    }
}

/// Something that was timed again and again.
package struct WireTimes: Codable, Equatable, Sendable {
    package var samplesNanoseconds: [UInt64]
    package var summary: SampleSummary

    /// Nil if there are no samples.
    package init?(_ samplesNanoseconds: [UInt64]) {
        let times = samplesNanoseconds.map { Double($0) }
        guard let summary = SampleSummary(nanoseconds: times) else { return nil }
        self.samplesNanoseconds = samplesNanoseconds
        self.summary = summary
    }
}

/// One task at a time, there and back, with one worker; headers alone travel.
package struct WireRoundTrip: Codable, Equatable, Sendable {
    package var transport: WireLink
    package var times: WireTimes
    /// The same header between two bare sockets of ZeroMQ, ROUTER and DEALER.
    package var bare: WireTimes
    /// As many bytes over a socket of this transport, without ZeroMQ.
    package var socket: WireTimes

    package init(transport: WireLink, times: WireTimes, bare: WireTimes, socket: WireTimes) {
        self.transport = transport
        self.times = times
        self.bare = bare
        self.socket = socket
    }
}

/// Many tasks without tensors, by worker count and credit.
package struct WireTasks: Codable, Equatable, Sendable {
    package var transport: WireLink
    package var workers: Int
    /// Workers of each process, here and in the bare loop; absent where each has one of its own.
    package var workersPerProcess: Int?
    /// How many tasks a worker holds at a time.
    package var credit: Int
    /// In each trial.
    package var tasks: Int
    /// Times of trials.
    package var times: WireTimes
    /// Times of as many messages between as many processes, as many on the way at a time, over ZeroMQ alone.
    package var bare: WireTimes
    package private(set) var tasksPerSecond: Double
    package private(set) var bareTasksPerSecond: Double

    package init(
        transport: WireLink,
        workers: Int,
        workersPerProcess: Int? = nil,
        credit: Int,
        tasks: Int,
        times: WireTimes,
        bare: WireTimes
    ) {
        self.transport = transport
        self.workers = workers
        self.workersPerProcess = workersPerProcess
        self.credit = credit
        self.tasks = tasks
        self.times = times
        self.bare = bare
        tasksPerSecond = Double(tasks) * 1e9 / times.summary.medianNanoseconds
        bareTasksPerSecond = Double(tasks) * 1e9 / bare.summary.medianNanoseconds
    }
}

/// Tasks with a payload that goes to a worker and comes back.
package struct WireTransfer: Codable, Equatable, Sendable {
    package var transport: WireLink
    /// How the payload reaches the worker; absent for no payload.
    package var plane: PlaneName?
    /// How it comes back.
    package var outputs: OutputRoute
    package var workers: Int
    package var credit: Int
    /// Bytes of a task, each way.
    package var payloadBytes: Int
    /// In each trial.
    package var tasks: Int
    /// Times of trials, as all that follows.
    package var times: WireTimes
    /// Times of as many bytes there and back between as many processes over ZeroMQ alone.
    package var bare: WireTimes?
    /// The same over one socket, without ZeroMQ.
    package var socket: WireTimes?
    /// Times of copying as many bytes once.
    package var copy: WireTimes?
    /// CPU time of all processes in trials, beyond that of the threads that compute; absent where nobody
    /// can tell.
    package var cpu: WireTimes?
    /// The same over ZeroMQ alone.
    package var bareCPU: WireTimes?
    /// The same over one socket.
    package var socketCPU: WireTimes?
    /// 10⁹ bytes of payload per second; what goes and comes back counts once.
    package private(set) var gigabytesPerSecond: Double?
    /// What each worker is given in messages or by copying, and gives back, each counted; older records
    /// count what was there before, too.
    package private(set) var gigabytesPerSecondPerWorker: Double?
    /// Payload that came back, and was compared with what was sent.
    package var checkedBytes: Int
    package var wrongBytes: Int

    package init(
        transport: WireLink,
        plane: PlaneName?,
        outputs: OutputRoute,
        workers: Int,
        credit: Int,
        payloadBytes: Int,
        tasks: Int,
        times: WireTimes,
        bare: WireTimes?,
        socket: WireTimes?,
        copy: WireTimes?,
        cpu: WireTimes? = nil,
        bareCPU: WireTimes? = nil,
        socketCPU: WireTimes? = nil,
        checkedBytes: Int,
        wrongBytes: Int
    ) {
        self.transport = transport
        self.plane = plane
        self.outputs = outputs
        self.workers = workers
        self.credit = credit
        self.payloadBytes = payloadBytes
        self.tasks = tasks
        self.times = times
        self.bare = bare
        self.socket = socket
        self.copy = copy
        self.cpu = cpu
        self.bareCPU = bareCPU
        self.socketCPU = socketCPU
        self.checkedBytes = checkedBytes
        self.wrongBytes = wrongBytes
        let rate = rate(of: times)
        gigabytesPerSecond = rate
        gigabytesPerSecondPerWorker = rate.map { Double(ways) * $0 / Double(workers) }
    }

    /// The rate of each worker, whatever the record counts.
    package var rateOfWorker: Double? {
        gigabytesPerSecond.map { Double(ways) * $0 / Double(workers) }
    }

    /// 10⁹ bytes per second of one of the times; nil without a payload.
    package func rate(of times: WireTimes?) -> Double? {
        guard let times, payloadBytes > 0 else { return nil }
        return Double(payloadBytes) * Double(tasks) / times.summary.medianNanoseconds
    }

    /// Milliseconds of one core for each MiB of payload that travelled so many ways; nil without a payload.
    package func coreMillisecondsPerMebibyte(_ times: WireTimes?, ways: Int) -> Double? {
        guard let times, payloadBytes > 0 else { return nil }
        let mebibytes = Double(ways) * Double(payloadBytes) * Double(tasks) / 0x1p20
        return times.summary.medianNanoseconds / 1e6 / mebibytes
    }

    /// How many ways the payload travels in a trial: back alone where the workers have it before.
    package var ways: Int { plane?.holdsInputs == true ? 1 : 2 }
}

/// A long run of tasks without tensors, in tenths.
package struct WireEndurance: Codable, Equatable, Sendable {
    package struct Tenth: Codable, Equatable, Sendable {
        package var tasks: Int
        package var nanoseconds: UInt64
        /// The memory of the coordinator's process at its end.
        package var coordinatorBytes: Int?
        /// The most memory of a worker: of its process, or its share of that.
        package var workerBytes: Int?

        package init(tasks: Int, nanoseconds: UInt64, coordinatorBytes: Int?, workerBytes: Int?) {
            self.tasks = tasks
            self.nanoseconds = nanoseconds
            self.coordinatorBytes = coordinatorBytes
            self.workerBytes = workerBytes
        }

        package var nanosecondsPerTask: Double { Double(nanoseconds) / Double(max(tasks, 1)) }
    }

    package var transport: WireLink
    package var workers: Int
    /// Workers of each process; absent where each has one of its own.
    package var workersPerProcess: Int?
    package var credit: Int
    package var tenths: [Tenth]

    package init(
        transport: WireLink,
        workers: Int,
        workersPerProcess: Int? = nil,
        credit: Int,
        tenths: [Tenth]
    ) {
        self.transport = transport
        self.workers = workers
        self.workersPerProcess = workersPerProcess
        self.credit = credit
        self.tenths = tenths
    }
}

extension WireRecord {
    package var mark: String? { taskNanoseconds == nil ? nil : "EMULATED" }

    package var wrongBytes: Int { transfers.reduce(0) { $0 + $1.wrongBytes } }

    /// Judges the finished run.
    package mutating func close(_ failure: String?) {
        let reasons =
            wrongBytes > 0
            ? ["\(counted(wrongBytes, "byte")) of payload came back wrong"] : []
        verdict = Verdict(
            reasons: (failure.map { [$0] } ?? []) + reasons,
            sentence: "",
            isFinished: failure == nil || !reasons.isEmpty
        )
        let sentence = sentence
        verdict?.sentence = sentence
    }
}

extension WireRecord: KeptRecord {}
