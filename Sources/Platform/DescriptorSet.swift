import CSystem
import Glibc

/// Descriptors that a poll waits for as one: it costs the same however many there are.
package struct DescriptorSet: ~Copyable {
    /// Readable while one of the descriptors is.
    package let descriptor: Int32

    package init() throws(RunError) {
        descriptor = headwise_epoll_create()
        guard descriptor >= 0 else { throw .system("epoll_create1", errno) }
    }

    deinit { System.close(descriptor) }

    /// Adds a descriptor, which must stay open as long as it is in the set.
    package func add(_ member: Int32) throws(RunError) {
        guard headwise_epoll_add(descriptor, member) == 0 else { throw .system("epoll_ctl", errno) }
    }

    package func remove(_ member: Int32) { headwise_epoll_remove(descriptor, member) }

    /// One of those that are readable now; nil if none is.
    package var firstReadable: Int32? {
        let found = headwise_epoll_first(descriptor)
        return found >= 0 ? found : nil
    }
}
