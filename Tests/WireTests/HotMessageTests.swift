import Attention
import Testing
import Wire
import Work

struct HotMessageTests {
    @Test func `every message is read as it was written`() throws {
        var kinds: Set<MessageKind> = []
        for (header, payload) in Samples.messages {
            let message = try Samples.read(header.bytes, payload)
            #expect(message.header == header)
            #expect(try Samples.headerAgain(message) == header)
            kinds.insert(header.kind)
        }
        #expect(kinds == Set(MessageKind.allCases))
    }

    @Test func `fields are read as they were written`() throws {
        let run = Samples.run
        #expect(try ResultMessage(header: Samples.result.header(run: run)) == Samples.result)
        #expect(try OutputMessage(header: Samples.output.header(run: run)) == Samples.output)
        #expect(try ChunkMessage(header: Samples.chunk.header(run: run)) == Samples.chunk)
        let acknowledgement = Samples.acknowledgement
        #expect(
            try ChunkAcknowledgement(header: acknowledgement.header(run: run)) == acknowledgement
        )
        for heartbeat in Samples.heartbeats {
            #expect(try Heartbeat(header: heartbeat.header(run: run)) == heartbeat)
        }
        for probe in Samples.probes {
            #expect(try Probe(header: probe.header(run: run)) == probe)
        }
        for echo in Samples.echoes { #expect(try Echo(header: echo.header(run: run)) == echo) }
    }

    @Test func `a message of no frame or too many is refused`() {
        for (header, payload) in Samples.messages {
            for count in [0, 3, 4, 1000] {
                let refusal = Samples.refusal(header.bytes, payload, frameCount: count)
                #expect(refusal == .frameCount(count))
            }
            // One frame where there is a payload, two where there is none.
            let wrong = payload.isEmpty ? 2 : 1
            let refusal = Samples.refusal(header.bytes, payload, frameCount: wrong)
            #expect(refusal == .frameCount(wrong))
        }
    }

    @Test func `a payload of another size than announced is refused`() {
        for (header, payload) in Samples.messages {
            for found in [payload.count - 1, payload.count + 1, 1 << 20] where found >= 0 {
                let lying = Samples.pattern(found)
                #expect(
                    Samples.refusal(header.bytes, lying)
                        == .payloadSize(announced: header.payloadBytes, found: found)
                )
            }
        }
    }

    @Test func `a payload of a kind without payload is refused`() {
        for var header in Samples.bareHeaders + [Header(kind: .ready, run: Samples.run)] {
            header.payloadBytes = 3
            #expect(Samples.refusal(header.bytes, [1, 2, 3]) == .payloadLimit(header.kind, 3))
        }
    }

    @Test(arguments: [1, 2, 1 << 20])
    func `a chunk may be as long as its limit and no longer`(byteCount: Int) {
        let payload = [UInt8](repeating: 1, count: byteCount)
        let chunk = ChunkMessage(
            trial: 1,
            tensor: .key,
            byteOffset: 0,
            payloadBytes: byteCount
        )
        #expect(Samples.refusal(chunk.header(run: Samples.run).bytes, payload) == nil)
        var longer = chunk
        longer.payloadBytes = (1 << 20) + 1
        let tooLong = [UInt8](repeating: 1, count: longer.payloadBytes)
        let refusal = Samples.refusal(longer.header(run: Samples.run).bytes, tooLong)
        #expect(refusal == .payloadLimit(.chunk, UInt64(longer.payloadBytes)))
        longer.payloadBytes = 0
        #expect(
            Samples.refusal(longer.header(run: Samples.run).bytes) == .payloadLimit(.chunk, 0)
        )
    }

    @Test func `a changed payload is refused when it has a checksum`() {
        var payload = Samples.payload
        payload[50] ^= 1
        let run = Samples.run
        #expect(
            Samples.refusal(Samples.chunk.header(run: run).bytes, payload) == .payloadChecksum
        )
        #expect(
            Samples.refusal(Samples.output.header(run: run).bytes, payload) == .payloadChecksum
        )
        var chunk = Samples.chunk
        chunk.payloadChecksum = 0
        #expect(Samples.refusal(chunk.header(run: run).bytes, payload) == nil)
    }

    /// One field at a time is made impossible.
    private static let impossible: [(String, Header)] = {
        func changed(_ message: any HotMessage, _ change: (inout Header) -> Void) -> Header {
            var header = message.header(run: Samples.run)
            change(&header)
            return header
        }
        let task = Samples.task
        let (result, output) = (Samples.result, Samples.output)
        let (chunk, acknowledgement) = (Samples.chunk, Samples.acknowledgement)
        let heartbeat = Samples.heartbeats[1]
        let (probe, echo) = (Samples.probes[1], Samples.echoes[1])
        return [
            ("trial", changed(task) { $0.trial = .max }),
            ("shard", changed(task) { $0.shard = .max }),
            ("attempt", changed(task) { $0.attempt = .max }),
            ("slices", changed(task) { $0.a = 8 << 32 | 8 }),
            ("slices", changed(task) { $0.a = 7 << 32 | 8 }),
            ("slices", changed(task) { $0.a = 0 }),
            ("rows", changed(task) { $0.b = 0 }),
            ("rows", changed(task) { $0.b = 0xFFFF_FFFF }),
            ("computeNanoseconds", changed(result) { $0.a = 1 << 62 }),
            ("queueNanoseconds", changed(result) { $0.b = .max }),
            ("offCoreNanoseconds", changed(result) { $0.c = 1 << 62 }),
            ("byteOffset", changed(output) { $0.a = .max }),
            ("b", changed(output) { $0.b = 1 }),
            ("tensor", changed(chunk) { $0.shard = 5 }),
            ("tensor", changed(chunk) { $0.shard = UInt32(TensorName.count) }),
            ("tensor", changed(chunk) { $0.shard = .max }),
            ("attempt", changed(chunk) { $0.attempt = 1 }),
            ("byteOffset", changed(chunk) { $0.a = 1 << 47 + 1 }),
            ("shard", changed(acknowledgement) { $0.shard = 1 }),
            ("c", changed(acknowledgement) { $0.c = 1 }),
            ("isComputing", changed(heartbeat) { $0.b = 2 }),
            ("c", changed(heartbeat) { $0.c = 1 }),
            ("isWanted", changed(Samples.traceRequest) { $0.a = 2 }),
            ("trial", changed(Samples.traceRequest) { $0.trial = 1 }),
            ("number", changed(Samples.useRequest) { $0.a = 1 << 47 + 1 }),
            ("c", changed(Samples.useRequest) { $0.c = 1 }),
            ("number", changed(probe) { $0.a = 1 << 47 + 1 }),
            ("answerBytes", changed(probe) { $0.b = 1 << 20 + 1 }),
            ("answerBytes", changed(probe) { $0.b = .max }),
            ("trial", changed(probe) { $0.trial = 1 }),
            ("shard", changed(probe) { $0.shard = 1 }),
            ("c", changed(probe) { $0.c = 1 }),
            ("number", changed(echo) { $0.a = .max }),
            ("attempt", changed(echo) { $0.attempt = 1 }),
            ("b", changed(echo) { $0.b = 1 }),
        ]
    }()

    @Test(arguments: impossible)
    func `an impossible field is refused by its name`(name: String, header: Header) {
        let payload = header.payloadBytes == 0 ? [] : Samples.payload
        guard case .field(let kind, let found, _) = Samples.refusal(header.bytes, payload) else {
            Issue.record("it was not refused for a field")
            return
        }
        #expect(kind == header.kind)
        #expect(found == name)
    }
}
