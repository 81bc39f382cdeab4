/// Worker to coordinator: I live, and this is how far I am.
package struct Heartbeat: HotMessage {
    package static let kind = MessageKind.heartbeat

    package var trial: Int
    /// The shard that is being computed, if any.
    package var shard: Int?
    package var attempt: Int
    /// A count that grows as long as the computation does; its unit is the sender's affair.
    package var progress: UInt64
    package var isComputing: Bool

    package init(
        trial: Int,
        shard: Int? = nil,
        attempt: Int = 0,
        progress: UInt64 = 0,
        isComputing: Bool = false
    ) {
        self.trial = trial
        self.shard = shard
        self.attempt = attempt
        self.progress = progress
        self.isComputing = isComputing
    }

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        trial = try header.number("trial", header.trial)
        shard = header.shard == Header.noShard ? nil : Int(header.shard)
        attempt = try header.number("attempt", header.attempt)
        progress = header.a
        guard header.b <= 1 else { throw header.field("isComputing", header.b) }
        isComputing = header.b == 1
        try header.checkEmpty("c", header.c)
    }

    package func header(run: UInt64) -> Header {
        var header = Header(kind: Self.kind, run: run)
        header.trial = UInt32(trial)
        header.shard = shard.map { UInt32($0) } ?? Header.noShard
        header.attempt = UInt32(attempt)
        header.a = progress
        header.b = isComputing ? 1 : 0
        return header
    }
}
