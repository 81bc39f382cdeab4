import Work

extension ActivityLog {
    /// Notes when a task waited and was computed.
    mutating func note(_ times: ShardTimes, of task: TaskIdentity) {
        let start = times.startNanoseconds
        if times.queueNanoseconds > 0 {
            append(Activity(.queue, of: task, from: start - times.queueNanoseconds, to: start))
        }
        append(Activity(.compute, of: task, from: start, to: start + times.computeNanoseconds))
    }
}
