import Work

/// Worker to coordinator: the shard is computed, and all its output has been sent.
package struct ResultMessage: HotMessage {
    package static let kind = MessageKind.result

    package var task: TaskIdentity
    /// From the first to the last instruction of the kernel on this shard.
    package var computeNanoseconds: UInt64
    /// The task was at the worker and the compute threads were free for it, but had not begun.
    package var queueNanoseconds: UInt64
    /// A compute thread was ready to compute, but neither it nor another thread of the worker had
    /// its core: another process had it.
    package var offCoreNanoseconds: UInt64
    /// The bytes of what the worker did since its last result; 0 unless it was asked for that.
    package var activityBytes: Int

    package init(
        task: TaskIdentity,
        computeNanoseconds: UInt64,
        queueNanoseconds: UInt64,
        offCoreNanoseconds: UInt64,
        activityBytes: Int = 0
    ) {
        self.task = task
        self.computeNanoseconds = computeNanoseconds
        self.queueNanoseconds = queueNanoseconds
        self.offCoreNanoseconds = offCoreNanoseconds
        self.activityBytes = activityBytes
    }

    package init(header: Header) throws(WireError) {
        guard header.payloadBytes.isMultiple(of: UInt64(ActivityLog.activityBytes)) else {
            throw .payloadLimit(header.kind, header.payloadBytes)
        }
        task = try header.task()
        // Later sums must not overflow; no shard takes 150 years.
        guard header.a < 1 << 62 else { throw header.field("computeNanoseconds", header.a) }
        guard header.b < 1 << 62 else { throw header.field("queueNanoseconds", header.b) }
        guard header.c < 1 << 62 else { throw header.field("offCoreNanoseconds", header.c) }
        computeNanoseconds = header.a
        queueNanoseconds = header.b
        offCoreNanoseconds = header.c
        activityBytes = Int(header.payloadBytes)
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run, task: task)
        header.payloadBytes = UInt64(activityBytes)
        header.a = computeNanoseconds
        header.b = queueNanoseconds
        header.c = offCoreNanoseconds
        return header
    }
}
