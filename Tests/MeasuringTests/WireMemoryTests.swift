import Testing

@testable import Measuring

/// The payloads of the wire: each trial's own, and compared byte by byte.
struct WireMemoryTests {
    @Test(arguments: [4, 64, 4096, 12_288])
    func `what comes back is compared with what was sent in this trial`(byteCount: Int) throws {
        let memory = try WireMemory(byteCount: byteCount)
        memory.clear(byteCount)
        #expect(memory.wrongBytes(ofTrial: 1, byteCount: byteCount) > byteCount / 2)
        for trial in [0, 1, 60, 61] {
            let sent = unsafe memory.payload(ofTrial: trial, byteCount: byteCount)
            unsafe UnsafeMutableRawBufferPointer(start: memory.returned, count: byteCount)
                .copyMemory(from: sent)
            #expect(memory.wrongBytes(ofTrial: trial, byteCount: byteCount) == 0)
            // That of another trial is wrong.
            #expect(memory.wrongBytes(ofTrial: trial + 2, byteCount: byteCount) > 0)
            let last = unsafe memory.returned + (byteCount - 1)
            unsafe last.storeBytes(of: ~last.load(as: UInt8.self), as: UInt8.self)
            #expect(memory.wrongBytes(ofTrial: trial, byteCount: byteCount) == 1)
        }
    }

    @Test func `no eight bytes of payload are the same`() throws {
        let memory = try WireMemory(byteCount: 1 << 16)
        let words = unsafe memory.payload(ofTrial: 0, byteCount: 1 << 16)
            .bindMemory(to: UInt64.self)
        #expect(unsafe Set(words).count == words.count)
    }
}
