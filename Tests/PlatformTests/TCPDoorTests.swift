import Glibc
import Testing

@testable import Platform

struct TCPDoorTests {
    /// Connects to the door's port; nil when nobody answers within `milliseconds`.
    private func connect(
        _ door: TCPDoor,
        within milliseconds: Int32 = 20_000
    ) throws -> (client: Int32, server: Int32)? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let client = socket(door.address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
        door.address.withSocketAddress(port: door.port) { _ = Glibc.connect(client, $0, $1) }
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

    /// The addresses of this machine's loopback.
    private static let addresses = ["127.0.0.1", "127.0.0.7", "::1"]
        .compactMap { NetworkAddress($0) }
        // A machine may be without IPv6.
        .filter { (try? TCPDoor(at: $0, backlog: 1)) != nil }

    @Test(arguments: addresses)
    func `a closed door lets nobody in and keeps those who are`(address: NetworkAddress) throws {
        let door = try TCPDoor(at: address, backlog: 8)
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
        let door = try TCPDoor(backlog: 8)
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

    /// A descriptor may be of anything when it is looked at.
    @Test(arguments: addresses)
    func `a peer is known by its address and port, and can be sent away`(
        address: NetworkAddress
    ) throws {
        let door = try TCPDoor(at: address, backlog: 8)
        let other = try TCPDoor(at: address, backlog: 8)
        defer { for listener in [door.listener, other.listener] { close(listener) } }
        let pair = try #require(try connect(door))
        defer { for end in [pair.client, pair.server] { close(end) } }
        let peer = try #require(door.peer(of: pair.server))
        #expect(peer.address.isLoopback)
        #expect(peer.port != door.port)
        for descriptor in [pair.client, door.listener, 0, -1] {
            #expect(door.peer(of: descriptor) == nil)
        }
        #expect(other.peer(of: pair.server) == nil)
        other.end(pair.server, to: peer)
        #expect(isAlive(pair))
        door.end(pair.server, to: peer)
        #expect(!isAlive(pair))
    }
}
