import Attention
import Files
import Work

extension WireRecord {
    /// The exit code that the figures come to, and why.
    package var ending: (code: Int32, why: String) {
        wrongBytes > 0
            ? (EndCode.disagrees, "\(counted(wrongBytes, "byte")) came back wrong")
            : (EndCode.done, "every byte came back right")
    }

    /// Refuses what no measurement can have left; `source` is the file that the sentence names.
    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("tasks").require(
            !tasks.isEmpty || !transfers.isEmpty || exitCode != 0,
            "is empty, although the benchmark finished",
            expected: "one entry or more"
        )
        try place.key("host").requireSound(host)
        if let taskNanoseconds {
            try place.key("taskNanoseconds").requireDuration(taskNanoseconds)
        }
        for (index, trip) in roundTrips.enumerated() {
            let place = place.item("roundTrips", index)
            try place.requireSound(trip.times, "times")
            try place.requireSound(trip.bare, "bare")
            try place.requireSound(trip.socket, "socket")
        }
        for (index, entry) in tasks.enumerated() {
            try entry.validate(place.item("tasks", index))
        }
        var total = 0
        for (index, transfer) in transfers.enumerated() {
            try transfer.validate(place.item("transfers", index))
            let (sum, overflows) = total.addingReportingOverflow(transfer.wrongBytes)
            try place.item("transfers", index).key("wrongBytes").require(
                !overflows,
                "is \(transfer.wrongBytes)",
                expected: "less"
            )
            total = sum
        }
        try endurance?.validate(place.key("endurance"))
        try place.requireCount(coordinatorPeakBytes ?? 0, "coordinatorPeakBytes", in: 0...Int.max)
        try place.requireStanding(
            verdict,
            exitCode: exitCode,
            among: [EndCode.done, EndCode.disagrees] + EndCode.early,
            found: ending
        )
    }
}

extension RecordPlace {
    fileprivate func requireSound(
        _ times: WireTimes?,
        _ name: String
    ) throws(ExperimentError) {
        guard let times else { return }
        try key(name).requireSound(
            times.samplesNanoseconds,
            named: "samplesNanoseconds",
            times.summary
        )
    }
}

extension WireTasks {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(workers, "workers")
        try place.requireSharing(workersPerProcess, workers: workers)
        try place.requireCount(credit, "credit")
        try place.requireCount(tasks, "tasks")
        try place.requireSound(times, "times")
        try place.requireSound(bare, "bare")
        let count = Double(tasks) * 1e9
        try place.requireRatio(
            tasksPerSecond,
            "tasksPerSecond",
            count / times.summary.medianNanoseconds
        )
        try place.requireRatio(
            bareTasksPerSecond,
            "bareTasksPerSecond",
            count / bare.summary.medianNanoseconds
        )
    }
}

extension WireTransfer {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(workers, "workers")
        try place.requireCount(credit, "credit")
        try place.requireCount(tasks, "tasks")
        try place.requireCount(payloadBytes, "payloadBytes", in: 0...1 << 47)
        let (trial, overflows) = payloadBytes.multipliedReportingOverflow(by: tasks)
        try place.key("plane").require(
            (plane == nil) == (payloadBytes == 0),
            plane == nil ? "is missing, although there is a payload" : "is there without a payload",
            expected: "how the payload reaches the worker, where there is one"
        )
        // Every trial's payload is compared, and so is that of the warm-up.
        let (least, overflowsToo) = trial.multipliedReportingOverflow(
            by: times.samplesNanoseconds.count
        )
        try place.requireCount(
            checkedBytes,
            "checkedBytes",
            in: (overflows || overflowsToo ? Int.max : least)...Int.max
        )
        try place.requireCount(wrongBytes, "wrongBytes", in: 0...max(checkedBytes, 0))
        try place.requireSound(times, "times")
        try place.requireSound(bare, "bare")
        try place.requireSound(socket, "socket")
        try place.requireSound(copy, "copy")
        try place.requireSound(cpu, "cpu")
        try place.requireSound(bareCPU, "bareCPU")
        try place.requireSound(socketCPU, "socketCPU")
        let rate = rate(of: times)
        try place.key("gigabytesPerSecond").require(
            (gigabytesPerSecond == nil) == (rate == nil),
            rate == nil ? "is there without a payload" : "is missing",
            expected: "a rate where there is a payload"
        )
        try place.key("gigabytesPerSecondPerWorker").require(
            (gigabytesPerSecondPerWorker == nil) == (rate == nil),
            rate == nil ? "is there without a payload" : "is missing",
            expected: "a rate where there is a payload"
        )
        guard let rate else { return }
        try place.requireRatio(gigabytesPerSecond, "gigabytesPerSecond", rate)
        let ofWorker = rate / Double(workers)
        // An older record counts two ways in any plane.
        let isOlder = (gigabytesPerSecondPerWorker ?? 0) > 1.5 * ofWorker
        try place.requireRatio(
            gigabytesPerSecondPerWorker,
            "gigabytesPerSecondPerWorker",
            (isOlder ? 2 : Double(ways)) * ofWorker
        )
    }
}

extension WireEndurance {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(workers, "workers")
        try place.requireSharing(workersPerProcess, workers: workers)
        try place.requireCount(credit, "credit")
        try place.key("tenths").require(
            (1...10).contains(tenths.count),
            "has \(tenths.count) parts",
            expected: "1 to 10 tenths of the run"
        )
        for (index, tenth) in tenths.enumerated() {
            let place = place.item("tenths", index)
            try place.requireCount(tenth.tasks, "tasks")
            try place.key("nanoseconds").requireDuration(tenth.nanoseconds)
            try place.requireCount(tenth.coordinatorBytes ?? 0, "coordinatorBytes", in: 0...Int.max)
            try place.requireCount(tenth.workerBytes ?? 0, "workerBytes", in: 0...Int.max)
        }
    }
}
