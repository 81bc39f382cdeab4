import Attention
import Wire
import Work

/// One message of every kind, and what the tests do with them.
enum Samples {
    static let run: UInt64 = 0x0123_4567_89AB_CDEF

    static let task = WorkerTask(
        identity: TaskIdentity(trial: 3, shard: 17, attempt: 1),
        shard: Shard(slices: 8..<16, rows: 256..<512),
        precedingBytes: 1 << 20
    )
    static let result = ResultMessage(
        task: TaskIdentity(trial: 1, shard: 2, attempt: 3),
        computeNanoseconds: 4_000_000_000,
        queueNanoseconds: 5,
        offCoreNanoseconds: 6 << 32
    )
    static let output = OutputMessage(
        task: TaskIdentity(trial: 1, shard: 2, attempt: 3),
        byteOffset: 5 << 32,
        payloadBytes: 100,
        payloadChecksum: Checksum.ofPayload(payload.span)
    )
    static let chunk = ChunkMessage(
        trial: 0,
        tensor: .visibility,
        byteOffset: 7 << 33,
        payloadBytes: 100,
        payloadChecksum: Checksum.ofPayload(payload.span)
    )
    static let tasks = Batch([task, WorkerTask(identity: result.task, shard: task.shard)])
    static let results = Batch([result])
    static let acknowledgement = ChunkAcknowledgement(trial: 9, count: 1 << 40)
    static let traceRequest = TraceRequest(isWanted: true)
    static let useRequest = UseRequest(number: 1 << 47)
    static let probes = [
        Probe(number: 0, payloadBytes: 0, answerBytes: 1 << 20),
        Probe(number: 1 << 47, payloadBytes: 100, answerBytes: 0),
    ]
    static let echoes = [Echo(number: 7, payloadBytes: 0), Echo(number: 0, payloadBytes: 100)]
    static let heartbeats = [
        Heartbeat(progress: 0, isComputing: false),
        Heartbeat(
            task: TaskIdentity(trial: 4, shard: 0, attempt: 2),
            progress: .max,
            isComputing: true
        ),
        Heartbeat(
            task: TaskIdentity(trial: 4, shard: Int(UInt32.max) - 1, attempt: 2),
            progress: 1,
            isComputing: false
        ),
    ]

    /// The payload of `output` and `chunk`, and of a probe and an echo.
    static let payload = pattern(100)

    static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
    }

    /// The hot messages without a payload, as headers.
    static var bareHeaders: [Header] {
        [
            task.header(run: run), result.header(run: run), acknowledgement.header(run: run),
            traceRequest.header(run: run), useRequest.header(run: run),
        ]
            + heartbeats.map { $0.header(run: run) }
    }

    static let token = "00112233445566778899aabbccddeeff"

    /// The documents as the protocol's description shows them, one of each kind.
    static let documents: [(MessageKind, String)] = [
        (
            .hello,
            """
            {"answersProbes":true,"credit":2,"host":"node7","instructionSets":["baseline","avx2"],\
            "processor":"Xeon","rank":0,"reportsUse":true,"takesBatches":true}
            """
        ),
        (
            .welcome,
            """
            {"heartbeatMilliseconds":100,"silenceLimitMilliseconds":5000,"worker":0}
            """
        ),
        (
            .workload,
            """
            {"generated":{"seed":7,"values":"uniform"},"instructionSet":"avx2",\
            "problem":{"alibi":[],"element":"float32","mask":{"band":"causal","bias":"none",\
            "lengths":"perBatch","pattern":{"kind":"none"},"visibility":"none"},\
            "maskedRows":"zeros","offset":0,"operation":{"kind":"attention"},\
            "score":{"kind":"scaledDot","scale":0.125},"shape":{"batch":2,\
            "headDimension":64,"heads":8,"keyLength":1024,"keyValueHeads":2,"queryLength":1024,\
            "valueDimension":64},"sinks":[]},"residentBytes":8}
            """
        ),
        (.refuse, #"{"reason":"no worker of rank 7 is expected"}"#),
        (.failed, #"{"reason":"no memory"}"#),
        (.bye, #"{"reason":"done"}"#),
        (
            .use,
            """
            {"computeNanoseconds":31000000,"cpuNanoseconds":35000000,"involuntarySwitches":0,\
            "number":7,"residentBytes":9437184,"voluntarySwitches":9}
            """
        ),
    ]

    /// Every kind of message as a header and a payload that are in order.
    static var messages: [(header: Header, payload: [UInt8])] {
        var all = bareHeaders.map { (header: $0, payload: [UInt8]()) }
        all.append((Header(kind: .ready, run: run), []))
        all.append((tasks.header(run: run), tasks.payload(run: run)))
        all.append((results.header(run: run), results.payload(run: run)))
        all.append((chunk.header(run: run), payload))
        all.append((output.header(run: run), payload))
        for header in probes.map({ $0.header(run: run) }) + echoes.map({ $0.header(run: run) }) {
            all.append((header, header.payloadBytes == 0 ? [] : payload))
        }
        for (kind, text) in documents {
            var header = Header(kind: kind, run: run)
            header.payloadBytes = UInt64(text.utf8.count)
            all.append((header, Array(text.utf8)))
        }
        return all
    }

    /// Reads frames as a process of `run` does.
    static func read(
        _ header: [UInt8],
        _ payload: [UInt8],
        frameCount: Int? = nil,
        run: UInt64? = Samples.run
    ) throws(WireError) -> IncomingMessage {
        try IncomingMessage(
            header: header.span,
            payload: payload.span,
            frameCount: frameCount ?? (payload.isEmpty ? 1 : 2),
            run: run
        )
    }

    /// Why these frames are refused; nil when they are not.
    static func refusal(
        _ header: [UInt8],
        _ payload: [UInt8] = [],
        frameCount: Int? = nil,
        run: UInt64? = Samples.run
    ) -> WireError? {
        do {
            _ = try read(header, payload, frameCount: frameCount, run: run)
            return nil
        } catch {
            return error
        }
    }

    /// The message again, from what was read.
    static func headerAgain(_ message: IncomingMessage) throws -> Header {
        let run = message.header.run
        func document(_ document: some SetupMessage) throws -> Header {
            let bytes = try document.payload().count
            return type(of: document).header(run: run, payloadBytes: bytes)
        }
        switch message.content {
        case .hello(let content): return try document(content)
        case .welcome(let content): return try document(content)
        case .refuse(let content): return try document(content)
        case .workload(let content): return try document(content)
        case .ready: return Header(kind: .ready, run: run)
        case .failed(let content): return try document(content)
        case .bye(let content): return try document(content)
        case .task(let content): return content.header(run: run)
        case .result(let content): return content.header(run: run)
        case .chunk(let content): return content.header(run: run)
        case .chunkAcknowledgement(let content): return content.header(run: run)
        case .output(let content): return content.header(run: run)
        case .heartbeat(let content): return content.header(run: run)
        case .trace(let content): return content.header(run: run)
        case .tasks(let content): return content.header(run: run)
        case .results(let content): return content.header(run: run)
        case .probe(let content): return content.header(run: run)
        case .echo(let content): return content.header(run: run)
        case .useRequest(let content): return content.header(run: run)
        case .use(let content): return try document(content)
        }
    }
}
