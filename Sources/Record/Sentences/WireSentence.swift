import Work

extension WireRecord {
    /// What a task costs, what many cost, and how fast tensors travel.
    package var sentence: String {
        let mark = mark.map { "\($0): " } ?? ""
        if wrongBytes > 0 {
            return "\(mark)\(Units.counted(wrongBytes, "byte")) of payload came back wrong, so the "
                + "times mean nothing."
        }
        let parts = [latency, rate, bandwidth].compactMap { $0 }
        guard !parts.isEmpty else { return "\(mark)Nothing was measured." }
        let text = parts.joined(separator: "; ")
        return (mark.isEmpty ? text.prefix(1).uppercased() + text.dropFirst() : mark + text) + "."
    }

    /// What the tasks are, with their article.
    private var kind: String {
        taskNanoseconds.map { "a task that waits \(Units.time(Double($0)))" } ?? "an empty task"
    }

    private var latency: String? {
        guard let trip = roundTrips.first else { return nil }
        return "\(kind) takes \(Units.time(trip.times.summary.medianNanoseconds)) there and back "
            + "over \(trip.transport.rawValue), bare ZeroMQ "
            + Units.time(trip.bare.summary.medianNanoseconds)
    }

    /// The rate of the most workers with the most credit.
    private var rate: String? {
        guard let most = tasks.max(by: { ($0.workers, $0.credit) < ($1.workers, $1.credit) }) else {
            return nil
        }
        let share = most.tasksPerSecond / most.bareTasksPerSecond
        return "\(Units.word(most.workers)) worker\(most.workers == 1 ? " answers" : "s answer") "
            + "\(Units.grouped(Int(most.tasksPerSecond))) tasks a second with credit \(most.credit), "
            + "\(Units.percent(share)) of bare ZeroMQ"
    }

    private var bandwidth: String? {
        // The others' payload is there before the trial.
        let fastest = transfers.filter { $0.plane?.holdsInputs == false }.max {
            ($0.gigabytesPerSecond ?? 0) < ($1.gigabytesPerSecond ?? 0)
        }
        guard let fastest, let rate = fastest.gigabytesPerSecond, let plane = fastest.plane else {
            return nil
        }
        return "tensors travel fastest in the \(plane.rawValue) plane, "
            + "\(Units.fine(rate)) GB/s at \(Units.bytes(fastest.payloadBytes))"
    }
}
