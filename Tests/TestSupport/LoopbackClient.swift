#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A connection to a server of this machine that sends one HTTP request.
package final class LoopbackClient {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    /// Sends a request; `host` is its Host header.
    package init(
        port: UInt16,
        _ path: String,
        method: String = "GET",
        host: String = "127.0.0.1"
    ) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, size)
            }
        }
        guard outcome == 0 else { throw SupportFailure("port \(port): error \(errno)") }
        let request = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SupportFailure("the request was not sent: error \(errno)")
        }
    }

    deinit { close(descriptor) }

    /// The whole answer, once the server has closed the connection.
    package func answer() -> String {
        while isOpen { receive() }
        return text
    }

    /// Waits until the answer so far holds a text; false when the server closes or patience ends.
    package func wait(for part: String) -> Bool {
        while isOpen, !text.contains(part) { receive() }
        return text.contains(part)
    }

    /// What has arrived.
    package var text: String { String(decoding: received, as: UTF8.self) }

    private func receive() {
        var part = [UInt8](repeating: 0, count: 1 << 16)
        guard waitUntilReadable(descriptor) else { return isOpen = false }
        let count = recv(descriptor, &part, part.count, 0)
        if count < 0, errno == EINTR { return }
        guard count > 0 else { return isOpen = false }
        received += part[..<count]
    }
}
