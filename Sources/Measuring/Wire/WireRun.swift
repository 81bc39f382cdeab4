import Attention
import Platform
import Record
import Statistics
import Work

/// One measurement of the wire under way: clusters and what they are compared with, by turns.
///
/// A class, since each step adds to the record.
final class WireRun {
    private let plan: WireMeasurement
    private let interruption: Interruption
    private(set) var record: WireRecord
    /// The time of each step.
    private let stepNanoseconds: UInt64
    private let stepCount: Int
    private var stepsDone = 0

    /// Tasks of each trial of a long run.
    static let longTrialTasks = 10_000
    private static let mostRounds = 50
    private static let mostRoundTrips = 4000

    init(_ plan: WireMeasurement, interruption: Interruption) {
        self.plan = plan
        self.interruption = interruption
        record = WireRecord(
            host: .measuring(),
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments
        )
        record.taskNanoseconds = plan.taskNanoseconds
        let payloads = plan.sizes.reduce(0) { $0 + ($1 == 0 ? 1 : plan.planes.count) }
        stepCount =
            plan.transports.count
            * (1 + plan.workers.count * (plan.credits.count + payloads))
        stepNanoseconds = UInt64(plan.budgetSeconds * 1e9) / UInt64(max(1, stepCount))
    }

    /// Measures all steps; returns what ended it early, if anything did.
    func measure(_ progress: ProgressReport, keep: (WireRecord) -> Void) -> RunError? {
        do throws(RunError) {
            let memory = try WireMemory(byteCount: plan.largestBytes)
            let pinning = ProcessorClaims.claiming(plan.workers.max() ?? 1)
            if let sharing = MeasurementWarning.sharing(pinning.pinning.shared) {
                record.warnings = [sharing]
            }
            for transport in plan.transports {
                let socket = try BareSocket(transport.transport, pinning.pinning)
                for workers in plan.workers {
                    let place = Place(transport, workers, memory, pinning.pinning)
                    try measure(place, socket, progress, keep)
                }
            }
            if let count = plan.longRunTasks {
                try endure(count, memory, pinning.pinning, progress, keep)
            }
            return nil
        } catch {
            return error
        }
    }

    /// Where a step is measured.
    private struct Place {
        var transport: WireLink
        var workers: Int
        var memory: WireMemory
        var pinning: Pinning

        init(_ transport: WireLink, _ workers: Int, _ memory: WireMemory, _ pinning: Pinning) {
            self.transport = transport
            self.workers = workers
            self.memory = memory
            self.pinning = pinning
        }
    }

    private var standIn: StandIn { plan.standIn }

    /// A cluster for tasks without a payload, or for those with one, which never wait.
    private func cluster(
        _ place: Place,
        credit: Int,
        standIn: StandIn
    ) throws(RunError) -> WireCluster {
        try WireCluster(
            place.transport.transport,
            workers: place.workers,
            credit: credit,
            standIn: standIn,
            place.memory,
            network: place.transport.usesKeys ? plan.network ?? .loopback : .loopback,
            pinning: place.pinning,
            interruption: interruption
        )
    }

    private func measure(
        _ place: Place,
        _ socket: BareSocket,
        _ progress: ProgressReport,
        _ keep: (WireRecord) -> Void
    ) throws(RunError) {
        func step(_ what: String, _ body: () throws(RunError) -> Void) throws(RunError) {
            try interruption.check()
            progress(Double(stepsDone) / Double(max(1, stepCount))) {
                "\(place.transport.rawValue), \(counted(place.workers, "worker")), \(what)"
            }
            try body()
            stepsDone += 1
            keep(record)
        }
        let loop = try BareLoop(
            place.transport.transport,
            peers: WireCluster.processes(place.workers, standIn),
            waitingNanoseconds: plan.taskNanoseconds ?? 0,
            pinning: place.pinning,
            interruption: interruption
        )
        if !record.roundTrips.contains(where: { $0.transport == place.transport }) {
            try step("one task at a time") { () throws(RunError) in
                try roundTrips(place, loop, socket)
            }
        }
        for credit in plan.credits {
            try step("credit \(credit)") { () throws(RunError) in
                try tasks(place, credit: credit, loop)
            }
        }
        guard !plan.sizes.isEmpty else { return }
        let bare = try BareLoop(
            place.transport.transport,
            peers: WorkerProcesses(workers: place.workers),
            waitingNanoseconds: 0,
            pinning: place.pinning,
            interruption: interruption
        )
        let cluster = try cluster(
            place,
            credit: WireMeasurement.transferCredit,
            standIn: .nothing
        )
        for size in plan.sizes {
            for plane in size == 0 ? [nil] : plan.planes.map(Optional.some) {
                try step("\(size) bytes, \(plane?.rawValue ?? "no plane")") {
                    () throws(RunError) in
                    try transfer(place, size, plane, cluster, bare, socket)
                }
            }
        }
    }

    /// Runs rounds until the step's time is over, but some at least.
    private func rounds(
        least: Int = WireMeasurement.leastRounds,
        most: Int = mostRounds,
        _ body: (_ isWarmup: Bool) throws(RunError) -> Void
    ) throws(RunError) {
        let end = Clock.nanoseconds + stepNanoseconds
        try body(true)
        var count = 0
        while count < least || count < most && Clock.nanoseconds < end {
            try interruption.check()
            try body(false)
            count += 1
        }
    }

    // MARK: Tasks without a payload

    private func roundTrips(
        _ place: Place,
        _ loop: BareLoop,
        _ socket: BareSocket
    ) throws(RunError) {
        var one = place
        one.workers = 1
        let cluster = try cluster(one, credit: 1, standIn: standIn)
        try cluster.load(nil, payloadBytes: 0, tasks: 1)
        // One peer of several is enough.
        let bare =
            place.workers == 1
            ? loop
            : try BareLoop(
                place.transport.transport,
                peers: WorkerProcesses(workers: 1),
                waitingNanoseconds: plan.taskNanoseconds ?? 0,
                pinning: place.pinning,
                interruption: interruption
            )
        var times = (own: [UInt64](), bare: [UInt64](), socket: [UInt64]())
        var bytes = [UInt8](repeating: 1, count: BareLoop.headerBytes)
        try rounds(least: plan.leastRoundTrips, most: Self.mostRoundTrips) {
            (isWarmup) throws(RunError) in
            let own = try cluster.trial().nanoseconds
            let loop = try unsafe bare.run(messages: 1, window: 1)
            let raw = try socket.roundTripNanoseconds(&bytes)
            guard !isWarmup else { return }
            times.own.append(own)
            times.bare.append(loop)
            times.socket.append(raw)
        }
        guard let own = WireTimes(times.own), let bare = WireTimes(times.bare),
            let raw = WireTimes(times.socket)
        else { return }
        record.roundTrips.append(
            WireRoundTrip(transport: place.transport, times: own, bare: bare, socket: raw)
        )
    }

    private func tasks(_ place: Place, credit: Int, _ loop: BareLoop) throws(RunError) {
        let count = plan.tasks(workers: place.workers, credit: credit)
        let cluster = try cluster(place, credit: credit, standIn: standIn)
        try cluster.load(nil, payloadBytes: 0, tasks: count)
        var times = (own: [UInt64](), bare: [UInt64]())
        try rounds { (isWarmup) throws(RunError) in
            let own = try cluster.trial().nanoseconds
            let bare = try unsafe loop.run(messages: count, window: credit)
            guard !isWarmup else { return }
            times.own.append(own)
            times.bare.append(bare)
        }
        guard let own = WireTimes(times.own), let bare = WireTimes(times.bare) else { return }
        record.tasks.append(
            WireTasks(
                transport: place.transport,
                workers: place.workers,
                workersPerProcess: WireCluster.processes(place.workers, standIn).sharing,
                credit: credit,
                tasks: count,
                times: own,
                bare: bare
            )
        )
    }

    // MARK: Tasks with a payload

    private func transfer(
        _ place: Place,
        _ size: Int,
        _ plane: PlaneName?,
        _ cluster: WireCluster,
        _ loop: BareLoop,
        _ socket: BareSocket
    ) throws(RunError) {
        let tasks = plan.tasks(payloadBytes: size, workers: place.workers)
        try cluster.load(plane, payloadBytes: size, tasks: tasks)
        let total = size * tasks
        // Messages of at most 1 MiB.
        let pieces = max(1, (size + BareLoop.mostMessageBytes - 1) / BareLoop.mostMessageBytes)
        let memory = place.memory
        // They are the same in every plane, and measured beside the first.
        let roofs = record.transfers.last {
            $0.transport == place.transport && $0.workers == place.workers
                && $0.payloadBytes == size
        }
        var (own, bare, raw, copies) = ([UInt64](), [UInt64](), [UInt64](), [UInt64]())
        var cpu = (own: [UInt64](), bare: [UInt64](), raw: [UInt64]())
        var (checked, wrong) = (0, 0)
        try rounds { (isWarmup) throws(RunError) in
            let trial = try cluster.trial()
            checked += total
            wrong += trial.wrongBytes
            if !isWarmup {
                own.append(trial.nanoseconds)
                if let used = trial.cpuNanoseconds { cpu.own.append(UInt64(max(1, used))) }
            }
            guard roofs == nil else { return }
            let payload = unsafe memory.payload(ofTrial: 0, byteCount: total)
            let loopBegin = loop.cpuNanoseconds
            let messages = try unsafe loop.run(
                messages: tasks * pieces,
                window: WireMeasurement.transferCredit * min(pieces, 4),
                payload: payload
            )
            let loopEnd = loop.cpuNanoseconds
            let socketBegin = socket.cpuNanoseconds
            let bytes =
                total == 0
                ? 0 : try unsafe socket.streamNanoseconds(payload, into: memory.returned)
            let socketEnd = socket.cpuNanoseconds
            let copy = total == 0 ? 0 : memory.copyNanoseconds(total)
            guard !isWarmup else { return }
            bare.append(messages)
            if total > 0 {
                raw.append(bytes)
                copies.append(copy)
                if let loopBegin, let loopEnd { cpu.bare.append(max(1, loopEnd - loopBegin)) }
                if let socketBegin, let socketEnd {
                    cpu.raw.append(max(1, socketEnd - socketBegin))
                }
            }
        }
        guard let times = WireTimes(own) else { return }
        record.transfers.append(
            WireTransfer(
                transport: place.transport,
                plane: plane,
                outputs: WireCluster.outputs(plane, over: place.transport.transport),
                workers: place.workers,
                credit: WireMeasurement.transferCredit,
                payloadBytes: size,
                tasks: tasks,
                times: times,
                bare: roofs?.bare ?? WireTimes(bare),
                socket: roofs?.socket ?? WireTimes(raw),
                copy: roofs?.copy ?? WireTimes(copies),
                cpu: size == 0 ? nil : WireTimes(cpu.own),
                bareCPU: roofs?.bareCPU ?? WireTimes(cpu.bare),
                socketCPU: roofs?.socketCPU ?? WireTimes(cpu.raw),
                checkedBytes: checked,
                wrongBytes: wrong
            )
        )
    }

    // MARK: A long run

    /// Runs so many tasks without a payload, or a few more, with the most workers and the most credit, in
    /// tenths.
    private func endure(
        _ count: Int,
        _ memory: WireMemory,
        _ pinning: Pinning,
        _ progress: ProgressReport,
        _ keep: (WireRecord) -> Void
    ) throws(RunError) {
        let (workers, credit) = (plan.workers.max() ?? 1, plan.credits.max() ?? 1)
        let place = Place(plan.transports[0], workers, memory, pinning)
        let cluster = try cluster(place, credit: credit, standIn: standIn)
        // Each tenth has as many trials, and each trial as many tasks.
        let share = (count + 9) / 10
        let trials = (share + Self.longTrialTasks - 1) / Self.longTrialTasks
        let tasks = (share + trials - 1) / trials
        try cluster.load(nil, payloadBytes: 0, tasks: tasks)
        _ = try cluster.trial()
        var tenths: [WireEndurance.Tenth] = []
        for tenth in 0..<10 {
            var nanoseconds: UInt64 = 0
            for trial in 0..<trials {
                try interruption.check()
                progress(Double(tenth * trials + trial) / Double(10 * trials)) {
                    "\(count) tasks"
                }
                nanoseconds += try cluster.trial().nanoseconds
            }
            tenths.append(
                WireEndurance.Tenth(
                    tasks: trials * tasks,
                    nanoseconds: nanoseconds,
                    coordinatorBytes: ResidentMemory.byteCount(),
                    workerBytes: cluster.largestWorkerBytes
                )
            )
            record.endurance = WireEndurance(
                transport: place.transport,
                workers: workers,
                workersPerProcess: WireCluster.processes(workers, standIn).sharing,
                credit: credit,
                tenths: tenths
            )
            keep(record)
        }
    }
}
