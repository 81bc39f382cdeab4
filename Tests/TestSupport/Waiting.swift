#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A test that waits this long for one thing has failed.
package let patience = Duration.seconds(20)

/// Waits until a descriptor is readable; false when that takes too long.
package func waitUntilReadable(_ descriptor: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var result: Int32 = -1
    repeat {
        result = poll(&item, 1, Int32(patience.components.seconds * 1000))
    } while result < 0
        && errno == EINTR
    return result == 1
}
