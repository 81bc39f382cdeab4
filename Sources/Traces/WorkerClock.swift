import Work

/// How a worker's clock is related to the coordinator's.
///
/// Nothing is received before it is sent. So every task says how far the worker's clock can be ahead, at
/// most: its computing began after it was sent. And how far at least: it ended before the result was taken.
/// Processes of one machine share a clock, and these bounds show that they do.
package struct WorkerClock: Equatable, Sendable {
    package enum Relation: String, Codable, Sendable {
        /// The bounds contain 0, which processes of one machine have.
        case shared
        /// They do not: the middle is taken.
        case estimated
        /// The worker told nothing, or what cannot be.
        case unknown
    }

    package let relation: Relation
    /// What the worker's clock is ahead, in nanoseconds.
    package let offsetNanoseconds: Int64
    /// The least and the most that it can be ahead.
    package let bounds: ClosedRange<Int64>?

    /// The clock of the worker of these trials.
    package init(_ trials: [WorkerTrace]) {
        var (least, most) = (Int64.min, Int64.max)
        var tasks = 0
        for trial in trials {
            let sent = Self.byTask(trial.coordinator, .send)
            let taken = Self.byTask(trial.coordinator, .merge)
            for (task, computed) in Self.byTask(trial.own, .compute) {
                guard let sent = sent[task], let taken = taken[task] else { continue }
                most = min(most, Self.difference(computed.begin, sent.begin))
                least = max(least, Self.difference(computed.end, taken.end))
                tasks += 1
            }
        }
        guard tasks > 0, least <= most else {
            (relation, offsetNanoseconds, bounds) = (.unknown, 0, nil)
            return
        }
        bounds = least...most
        relation = least <= 0 && 0 <= most ? .shared : .estimated
        offsetNanoseconds = relation == .shared ? 0 : least + (most - least) / 2
    }

    /// The moment on the coordinator's clock.
    package func shifted(_ moment: UInt64) -> UInt64 {
        let shifted = moment.subtractingReportingOverflow(UInt64(bitPattern: offsetNanoseconds))
        return shifted.partialValue
    }

    /// The first beginning and the last end of an activity for each task.
    private static func byTask(
        _ log: ActivityLog,
        _ kind: Activity.Kind
    ) -> [TaskKey: (begin: UInt64, end: UInt64)] {
        var found: [TaskKey: (begin: UInt64, end: UInt64)] = [:]
        for activity in log.activities where activity.kind == kind {
            guard let key = TaskKey(activity) else { continue }
            let known = found[key]
            found[key] = (
                min(known?.begin ?? .max, activity.beginNanoseconds),
                max(known?.end ?? 0, activity.endNanoseconds)
            )
        }
        return found
    }

    /// Clocks that differ by more than this many nanoseconds, some 36 years, are taken for nonsense.
    private static let widest: Int64 = 1 << 60

    private static func difference(_ left: UInt64, _ right: UInt64) -> Int64 {
        min(max(Int64(bitPattern: left &- right), -widest), widest)
    }
}
