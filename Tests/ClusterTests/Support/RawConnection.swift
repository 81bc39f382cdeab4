import Glibc
import Testing

/// A TCP connection to a port of this machine that sends any bytes.
final class RawConnection {
    private let descriptor: Int32

    /// Begins to connect; nobody may answer.
    init(_ port: UInt16) throws {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let hasBegun = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    || errno == EINPROGRESS
            }
        }
        try #require(hasBegun)
    }

    deinit { close(descriptor) }

    /// Whether somebody has answered, at the latest after `limit`.
    func isOpen(within limit: Duration) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let milliseconds = Int32(limit.components.attoseconds / 1_000_000_000_000_000)
        return poll(&item, 1, milliseconds + Int32(limit.components.seconds) * 1000) == 1
            && item.revents & Int16(POLLERR) == 0
    }

    /// Whether the other side ends the connection, at the latest after `limit`.
    func hasEnded(within limit: Duration) -> Bool {
        let milliseconds = Int32(limit.components.seconds) * 1000
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&item, 1, milliseconds) == 1 {
            var bytes = [UInt8](repeating: 0, count: 256)
            if recv(descriptor, &bytes, bytes.count, 0) <= 0 { return true }
        }
        return false
    }

    /// Sends as much as the other side takes; it may have left.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            guard isOpen(within: .seconds(1)) else { return }
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor,
                    $0.baseAddress.unsafelyUnwrapped + sent,
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
