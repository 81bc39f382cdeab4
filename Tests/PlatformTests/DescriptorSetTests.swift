import Testing

@testable import Platform

/// Descriptors that are waited for as one, and the memory of processes.
struct DescriptorSetTests {
    @Test func `the set is readable while one of its descriptors is`() throws {
        let set = try DescriptorSet()
        let events = try (0..<3).map { _ in try System.eventDescriptor() }
        defer { for event in events { System.close(event) } }
        for event in events { try set.add(event) }
        #expect(set.firstReadable == nil)
        System.signal(eventDescriptor: events[1])
        #expect(set.firstReadable == events[1])
        let ready = try System.readable([set.descriptor], withinMilliseconds: 0)
        #expect(ready == [true])
        set.remove(events[1])
        #expect(set.firstReadable == nil)
        System.signal(eventDescriptor: events[2])
        #expect(set.firstReadable == events[2])
        System.drain(eventDescriptor: events[2])
        #expect(set.firstReadable == nil)
    }

    @Test func `the memory of this process and its peak are read`() {
        let bytes = ResidentMemory.byteCount()
        #expect(bytes ?? 0 > 1 << 20)
        #expect(ResidentMemory.peakByteCount() ?? 0 >= 1 << 20)
        #expect(ResidentMemory.byteCount(ofProcess: System.processIdentifier) != nil)
        let described = SystemFiles(contents: { path in
            path == "/proc/7/status" ? "Name:\tx\nVmRSS:\t    1234 kB\n" : nil
        })
        #expect(ResidentMemory.byteCount(ofProcess: 7, files: described) == 1234 << 10)
        #expect(ResidentMemory.byteCount(ofProcess: 8, files: described) == nil)
    }
}
