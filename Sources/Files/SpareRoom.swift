#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Room on a disk that is held until content needs it, so that a disk that others fill meanwhile
/// still has room for a result.
///
/// It is a file without a name: however this process ends, the system frees it.
struct SpareRoom: ~Copyable {
    private let descriptor: Int32

    /// Takes room beside `path`; nil where the file system cannot, and an error where it is full.
    init?(beside path: String, byteCount: Int) throws(ExperimentError) {
        let temporary = PartialFile.temporaryPath(for: path) + ".room"
        unsafe unlink(temporary)
        let opened = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        // The content itself will say why.
        guard opened >= 0 else { return nil }
        unsafe unlink(temporary)
        // It returns its error, and does not set `errno`.
        let code = posix_fallocate(opened, 0, off_t(byteCount))
        guard code == 0 else {
            close(opened)
            guard code == ENOSPC || code == EDQUOT else { return nil }
            errno = code
            throw .system(
                path,
                "has no room",
                expected: "\(byteCount >> 10) KiB of free disk space for it"
            )
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}
