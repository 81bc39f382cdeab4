import Testing
import Wire
import Work

struct HeaderTests {
    @Test func `the example of the protocol's description is written byte for byte`() throws {
        let expected: [UInt8] = [
            0x48, 0x44, 0x57, 0x53, 0x02, 0x00, 0x09, 0x00, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45,
            0x23, 0x01, 0x03, 0x00, 0x00, 0x00, 0x11, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
            0xB3, 0xE0, 0x65, 0xFE, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00,
            0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00,
            0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00,
        ]
        #expect(Header.byteCount == 64)
        #expect(Samples.task.header(run: Samples.run).bytes == expected)
        guard case .task(let task) = try Samples.read(expected, []).content else {
            Issue.record("it was not read as a task")
            return
        }
        #expect(task == Samples.task)
    }

    @Test(arguments: MessageKind.allCases)
    func `a header is read as it was written`(kind: MessageKind) throws {
        var header = Header(kind: kind, run: .max)
        header.trial = 0x0102_0304
        header.shard = 0x0506_0708
        header.attempt = 0x090A_0B0C
        header.payloadBytes = 1 << 20
        header.a = 0x1112_1314_1516_1718
        header.b = 0x2122_2324_2526_2728
        header.c = .max
        let bytes = header.bytes
        #expect(bytes.count == 64)
        #expect(try Header(decoding: bytes.span, run: .max) == header)
        #expect(try Header(decoding: bytes.span, run: nil) == header)
    }

    @Test func `kinds keep their numbers`() {
        #expect(MessageKind.allCases.map(\.rawValue) == Array(1...6) + Array(8...21))
        #expect(MessageKind.hello.rawValue == 1)
        #expect(MessageKind.task.rawValue == 9)
        #expect(MessageKind.heartbeat.rawValue == 14)
        #expect(MessageKind.trace.rawValue == 15)
        #expect(MessageKind.tasks.rawValue == 16)
        #expect(MessageKind.results.rawValue == 17)
    }

    @Test(arguments: [0, 1, 63, 65, 128, 1 << 20])
    func `a header of another size is refused`(byteCount: Int) {
        var bytes = Samples.task.header(run: Samples.run).bytes
        bytes = (0..<byteCount).map { $0 < 64 ? bytes[$0] : 0 }
        #expect(Samples.refusal(bytes) == .headerSize(byteCount))
    }

    @Test func `every changed byte of every header is refused`() {
        for (header, payload) in Samples.messages {
            let bytes = header.bytes
            #expect(Samples.refusal(bytes, payload) == nil)
            for index in bytes.indices {
                for difference in UInt8(1)...255 {
                    var changed = bytes
                    changed[index] ^= difference
                    let refusal = Samples.refusal(changed, payload)
                    let expected: WireError.Reason =
                        index < 4 ? .magic : index < 6 ? .version : .headerChecksum
                    guard refusal?.reason != expected else { continue }
                    Issue.record("\(header.kind), byte \(index) ^ \(difference): \(refusal as Any)")
                }
            }
        }
    }

    @Test func `each reason is found and described`() {
        var header = Samples.task.header(run: Samples.run)
        header.payloadBytes = UInt64(WireProtocol.maximumPayloadBytes) + 1
        #expect(Samples.refusal(header.bytes)?.reason == .payloadLimit)
        header.payloadBytes = .max
        #expect(Samples.refusal(header.bytes)?.reason == .payloadLimit)
        header.payloadBytes = 0
        header.run = 5
        let refusal = Samples.refusal(header.bytes)
        #expect(refusal == .run(found: 5, expected: Samples.run))
        #expect(refusal?.description.contains("123456789abcdef") == true)
        #expect(Samples.refusal(header.bytes, run: nil) == nil)
    }

    @Test(arguments: [0, 7, 22, 23, UInt16.max])
    func `an unknown kind with a right checksum is refused`(code: UInt16) {
        // The low half of XXH64 over the other 60 bytes, as another program would write it.
        var bytes = Samples.task.header(run: Samples.run).bytes
        bytes[6] = UInt8(code & 255)
        bytes[7] = UInt8(code >> 8)
        let covered = Array(bytes[..<28]) + Array(bytes[32...])
        let checksum = Checksum.xxh64(covered.span)
        for index in 0..<4 {
            bytes[28 + index] = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * index))
        }
        #expect(Samples.refusal(bytes) == .kind(code))
    }

    @Test func `only a hello may come without a run`() {
        for (header, payload) in Samples.messages {
            var stranger = header
            stranger.run = 0
            let refusal = Samples.refusal(stranger.bytes, payload)
            #expect(refusal?.reason == (header.kind == .hello ? nil : .run))
            stranger.run = 1
            #expect(Samples.refusal(stranger.bytes, payload)?.reason == .run)
        }
    }
}
