import Work

/// Worker to coordinator: the worker is alive, and has made this much progress.
extension Heartbeat: HotMessage {
    package static let kind = MessageKind.heartbeat

    package init(header: Header) throws(WireError) {
        try header.checkNoPayload()
        guard header.b <= 1 else { throw header.field("isComputing", header.b) }
        try header.checkEmpty("c", header.c)
        if header.shard == Header.noShard {
            try header.checkEmpty("trial", header.trial)
            try header.checkEmpty("attempt", header.attempt)
        }
        self.init(
            task: header.shard == Header.noShard ? nil : try header.task(),
            progress: header.a,
            isComputing: header.b == 1
        )
    }

    package func header(run: UInt64) -> Header {
        var header =
            task.map { Header(kind: Self.kind, run: run, task: $0) }
            ?? Header(kind: Self.kind, run: run)
        if task == nil { header.shard = Header.noShard }
        header.a = progress
        header.b = isComputing ? 1 : 0
        return header
    }
}
