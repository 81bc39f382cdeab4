/// Coordinator to worker: from now on, results say when the worker did what; or no longer.
package struct TraceRequest: HotMessage {
    package static let kind = MessageKind.trace

    package var isWanted: Bool

    package init(isWanted: Bool) {
        self.isWanted = isWanted
    }

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        try header.checkEmpty("trial", header.trial)
        try header.checkEmpty("shard", header.shard)
        try header.checkEmpty("attempt", header.attempt)
        guard header.a <= 1 else { throw header.field("isWanted", header.a) }
        try header.checkEmpty("b", header.b)
        try header.checkEmpty("c", header.c)
        isWanted = header.a == 1
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.a = isWanted ? 1 : 0
        return header
    }
}
