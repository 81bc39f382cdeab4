#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Standard output is for results, standard error for all other messages.
package enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Writes at once; returns why it failed, if it did.
    ///
    /// If the reader stops reading, this is no failure: that is the reader's right. A closed
    /// terminal is no failure either.
    @discardableResult
    package func write(_ text: String) -> String? {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                unsafe Glibc.write(rawValue, buffer.baseAddress, buffer.count)
                #else
                unsafe Darwin.write(rawValue, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = errno
                if number == EPIPE || (number == EIO && isDevice) { return nil }
                return unsafe String(cString: strerror(number))
            }
            bytes = bytes.dropFirst(count)
        }
        return nil
    }

    /// Whether the stream goes to a terminal or a similar device, and not to a disk.
    private var isDevice: Bool {
        var status = stat()
        return unsafe fstat(rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
    }
}
