import Glibc
import Platform
import Testing

struct LoopbackDoorTests {
    /// Connects to the door's port; nil when nobody answers within `milliseconds`.
    private func connect(
        _ door: LoopbackDoor,
        within milliseconds: Int32 = 20_000
    ) throws -> (client: Int32, server: Int32)? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let client = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = door.port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var item = pollfd(fd: door.listener, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, milliseconds) == 1 else {
            close(client)
            return nil
        }
        let server = accept(door.listener, nil, nil)
        try #require(server >= 0)
        return (client, server)
    }

    private func isAlive(_ pair: (client: Int32, server: Int32)) -> Bool {
        var byte: UInt8 = 7
        guard send(pair.client, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return false }
        return recv(pair.server, &byte, 1, 0) == 1
    }

    @Test func `a closed door lets nobody in and keeps those who are`() throws {
        let door = try LoopbackDoor(backlog: 8)
        defer { close(door.listener) }
        let first = try #require(try connect(door))
        door.expectPeers(false)
        #expect(try connect(door, within: 50) == nil)
        let unanswered = door.unanswered
        #expect(unanswered >= 1)
        #expect(isAlive(first))
        door.expectPeers(true)
        let second = try #require(try connect(door))
        #expect(door.unanswered == unanswered)
        door.expectPeers(false)
        #expect(try connect(door, within: 50) == nil)
        #expect(door.unanswered > unanswered)
        for pair in [first, second] {
            #expect(isAlive(pair))
            close(pair.client)
            close(pair.server)
        }
    }

    /// What is dropped for want of room comes again, so nobody is counted as unanswered.
    @Test func `a full door opens again, unless nobody is expected`() throws {
        let door = try LoopbackDoor(backlog: 8)
        defer { close(door.listener) }
        door.note(isFull: true)
        #expect(try connect(door, within: 50) == nil)
        #expect(door.unanswered == 0)
        door.note(isFull: false)
        let pair = try #require(try connect(door))
        close(pair.client)
        close(pair.server)
        door.expectPeers(false)
        door.note(isFull: true)
        door.note(isFull: false)
        #expect(try connect(door, within: 50) == nil)
    }
}
