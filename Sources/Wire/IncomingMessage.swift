import Work

/// Any message of the protocol, read and checked; all incoming frames pass through here.
package struct IncomingMessage: Sendable {
    package enum Content: Sendable {
        case hello(Hello)
        case welcome(Welcome)
        case refuse(Refuse)
        case workload(Workload)
        case ready
        case failed(Failed)
        case bye(Bye)
        case task(WorkerTask)
        case result(ResultMessage)
        case chunk(ChunkMessage)
        case chunkAcknowledgement(ChunkAcknowledgement)
        case output(OutputMessage)
        case heartbeat(Heartbeat)
        case trace(TraceRequest)
        case tasks(Batch<WorkerTask>)
        case results(Batch<ResultMessage>)
        case probe(Probe)
        case echo(Echo)
        case useRequest(UseRequest)
        case use(UseReport)
    }

    package let header: Header
    package let content: Content

    /// Reads a message of `frameCount` frames, which must belong to `run` unless that is nil.
    ///
    /// `payload` is empty if there is no second frame. The bytes of a CHUNK, an OUTPUT or a RESULT
    /// are not copied; their checksum, if they have one, is verified here.
    package init(
        header bytes: Span<UInt8>,
        payload: Span<UInt8>,
        frameCount: Int,
        run: UInt64?
    ) throws(WireError) {
        let header = try Header(decoding: bytes, run: run)
        try header.checkFrames(count: frameCount, payloadBytes: payload.count)
        self.header = header
        switch header.kind {
        case .hello: content = .hello(try Self.document(header, payload))
        case .welcome: content = .welcome(try Self.document(header, payload))
        case .refuse: content = .refuse(try Self.document(header, payload))
        case .workload: content = .workload(try Self.document(header, payload))
        case .ready:
            try header.checkNoPayload()
            try header.checkFieldsEmpty()
            content = .ready
        case .failed: content = .failed(try Self.document(header, payload))
        case .bye: content = .bye(try Self.document(header, payload))
        case .task: content = .task(try WorkerTask(header: header))
        case .result: content = .result(try ResultMessage(header: header))
        case .chunk:
            let chunk = try ChunkMessage(header: header)
            try Self.check(payload, chunk.payloadChecksum)
            content = .chunk(chunk)
        case .chunkAcknowledgement:
            content = .chunkAcknowledgement(try ChunkAcknowledgement(header: header))
        case .output:
            let output = try OutputMessage(header: header)
            try Self.check(payload, output.payloadChecksum)
            content = .output(output)
        case .heartbeat: content = .heartbeat(try Heartbeat(header: header))
        case .trace: content = .trace(try TraceRequest(header: header))
        case .tasks: content = .tasks(try Batch(header: header, payload: payload))
        case .results: content = .results(try Batch(header: header, payload: payload))
        case .probe: content = .probe(try Probe(header: header))
        case .echo: content = .echo(try Echo(header: header))
        case .useRequest: content = .useRequest(try UseRequest(header: header))
        case .use: content = .use(try Self.document(header, payload))
        }
    }

    private static func document<Document: SetupMessage>(
        _ header: Header,
        _ payload: Span<UInt8>
    ) throws(WireError) -> Document {
        try header.checkFieldsEmpty()
        return try Document(payload: payload)
    }

    private static func check(_ payload: Span<UInt8>, _ checksum: UInt64) throws(WireError) {
        guard checksum == 0 || checksum == Checksum.ofPayload(payload) else {
            throw .payloadChecksum
        }
    }
}
