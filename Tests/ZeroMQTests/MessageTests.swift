import TestSupport
import Testing
import Work
import ZeroMQ

struct MessageTests {
    static let sizes = [0, 1, 33, 34, 63, 64, 65, 1 << 20]

    static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
    }

    @Test(arguments: sizes)
    func `a copied message holds the bytes it was given`(byteCount: Int) throws {
        let bytes = Self.pattern(byteCount)
        let message = try Message(copying: bytes.span)
        #expect(message.byteCount == byteCount)
        #expect(message.copiedBytes == bytes)
        #expect(message.hasMore == false)
    }

    @Test(arguments: sizes)
    func `the bytes stay where they are when the message moves`(byteCount: Int) throws {
        let message = try Message(copying: Self.pattern(byteCount).span)
        let before = message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let moved = Optional(consume message)
        let after = moved?.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(after == before)
    }

    @Test(arguments: sizes)
    func `a borrowing message looks at the memory itself`(byteCount: Int) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { memory.deallocate() }
        memory.copyBytes(from: Self.pattern(byteCount))
        let message = Message(borrowing: UnsafeRawBufferPointer(memory))
        #expect(message.copiedBytes == Self.pattern(byteCount))
        guard byteCount > 0 else { return }
        memory[0] = 99
        #expect(message.copiedBytes[0] == 99)
    }

    @Test func `a message larger than all memory is refused`() {
        let pretended = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: 64),
            count: 1 << 60
        )
        do {
            _ = try Message(copying: pretended.assumingMemoryBound(to: UInt8.self).span)
            Issue.record("it was made")
        } catch {
            // ENOMEM.
            #expect(error.code == 12)
        }
    }

    @Test(arguments: sizes, Transport.allCases)
    func `every size arrives whole, copied and borrowed`(
        byteCount: Int,
        transport: Transport
    ) throws {
        let folder = try TemporaryFolder()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { memory.deallocate() }
        let bytes = Self.pattern(byteCount)
        memory.copyBytes(from: bytes)
        let context = try Context()
        do {
            let receiver = try Socket(context, kind: .pair)
            let sender = try Socket(context, kind: .pair)
            try sender.connect(receiver.bind(transport.endpoint(in: folder)))
            try send(bytes, on: sender, more: true)
            var borrowed: Message? = Message(borrowing: UnsafeRawBufferPointer(memory))
            #expect(try sender.send(&borrowed) == .sent)
            let isTaken = borrowed == nil
            #expect(isTaken)
            let first = try next(receiver)
            #expect(first.copiedBytes == bytes)
            #expect(first.hasMore == true)
            let second = try next(receiver)
            #expect(second.copiedBytes == bytes)
            #expect(second.hasMore == false)
        }
        _ = consume context
    }
}
