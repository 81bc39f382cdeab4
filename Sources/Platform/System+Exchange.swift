import CSystem
import Glibc

extension System {
    /// Sends bytes over a socket while as many come back, in one thread that waits for neither alone.
    ///
    /// - Returns: Whether all came back; false when the other end is gone.
    /// - Throws: What the system refuses.
    @unsafe
    package static func exchange(
        _ bytes: UnsafeRawBufferPointer,
        over socket: Int32,
        into returned: UnsafeMutableRawPointer
    ) throws(RunError) -> Bool {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        var (sent, received) = (0, 0)
        while received < bytes.count {
            let left = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let moved =
                unsafe left.isEmpty
                ? .wouldBlock
                : transfer { unsafe send(socket, left.baseAddress, left.count, flags) }
            if case .moved(let count) = moved { sent += count }
            let came = transfer {
                unsafe recv(socket, returned + received, bytes.count - received, flags)
            }
            switch (moved, came) {
            case (_, .moved(let count)): received += count
            case (.ended, _), (_, .ended): return false
            case (.moved, .wouldBlock): break
            case (.wouldBlock, .wouldBlock):
                let events = sent < bytes.count ? POLLIN | POLLOUT : POLLIN
                var item = pollfd(fd: socket, events: Int16(events), revents: 0)
                guard unsafe poll(&item, 1, -1) >= 0 || errno == EINTR else {
                    throw .system("poll", errno)
                }
            }
        }
        return true
    }
}
