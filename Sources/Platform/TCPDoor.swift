import CSystem
import Glibc
import Synchronization

/// A TCP port of one address of this host that lets nobody in while it is closed; its connections stay open.
///
/// While it is closed, the kernel drops what would open a connection, so a stranger takes no time or
/// memory of this process. libzmq cannot do that: to it, the end of a port is the end of its
/// connections. Where the system has no such filter, the port stays open.
///
/// A class, since the two threads that decide about it share it.
package final class TCPDoor: Sendable {
    /// The listening socket, for libzmq to use and to close.
    package let listener: Int32
    /// Where it listens.
    package let address: NetworkAddress
    package let port: UInt16
    /// The same socket, of this value.
    private let descriptor: Int32
    private let state = Mutex(State())

    private struct State {
        var expectsPeers = true
        var isFull = false
        var isClosed = false
        /// What the kernel had dropped when peers were no longer expected.
        var droppedBefore: UInt32 = 0
        var unanswered = 0
    }

    /// `backlog` connections may wait to be accepted.
    package init(at address: NetworkAddress = .loopback, backlog: Int) throws(RunError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let made = socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard made >= 0 else { throw .system("socket", errno) }
        do throws(RunError) {
            port = try Self.listen(made, at: address, backlog)
            descriptor = fcntl(made, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else { throw .system("fcntl", errno) }
        } catch {
            System.close(made)
            throw error
        }
        self.address = address
        listener = made
    }

    deinit { System.close(descriptor) }

    /// Returns the port, which the system chooses.
    private static func listen(
        _ made: Int32,
        at address: NetworkAddress,
        _ backlog: Int
    ) throws(RunError) -> UInt16 {
        let isBound = unsafe address.withSocketAddress(port: 0) {
            unsafe bind(made, $0, $1) == 0 && Glibc.listen(made, Int32(clamping: backlog)) == 0
        }
        guard isBound, let end = unsafe NetworkPeer(made, getsockname) else {
            throw .system(
                "listening on \(address)",
                errno,
                address == .loopback ? "use --transport ipc" : "choose another --bind"
            )
        }
        return end.port
    }

    /// Whether anybody is to come.
    package func expectPeers(_ expectsPeers: Bool) {
        state.withLock { state in
            guard state.expectsPeers != expectsPeers else { return }
            let dropped = headwise_dropped_packets(descriptor)
            if state.expectsPeers {
                state.droppedBefore = dropped
            } else {
                state.unanswered += Int(dropped &- state.droppedBefore)
            }
            state.expectsPeers = expectsPeers
            update(&state)
        }
    }

    /// Whether as many are inside as there is room for.
    package func note(isFull: Bool) {
        state.withLock { state in
            state.isFull = isFull
            update(&state)
        }
    }

    /// How many packets that would open a connection were dropped since nobody was expected.
    package var unanswered: Int {
        state.withLock { state in
            guard !state.expectsPeers else { return state.unanswered }
            return state.unanswered
                + Int(headwise_dropped_packets(descriptor) &- state.droppedBefore)
        }
    }

    // MARK: Connections

    /// The peer, if the descriptor is of a connection to this port.
    package func peer(of connection: Int32) -> NetworkPeer? {
        guard let own = unsafe NetworkPeer(connection, getsockname), own.port == port,
            own.address == address
        else { return nil }
        return unsafe NetworkPeer(connection, getpeername)
    }

    /// Ends a connection to a peer, unless the descriptor is of another one by now.
    package func end(_ connection: Int32, to peer: NetworkPeer) {
        // Whoever closes the descriptor meanwhile, the copy stays what was looked at.
        let copy = fcntl(connection, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return }
        if self.peer(of: copy) == peer { _ = shutdown(copy, Int32(SHUT_RDWR)) }
        System.close(copy)
    }

    private func update(_ state: inout State) {
        let isClosed = !state.expectsPeers || state.isFull
        guard isClosed != state.isClosed else { return }
        let result =
            isClosed ? headwise_drop_packets(descriptor) : headwise_take_packets(descriptor)
        if result == 0 { state.isClosed = isClosed }
    }
}
