#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tells one writing of a file from another without opening it.
///
/// Replaced content is another file of the same name, so the number of the file is part of it.
package struct FileStamp: Hashable, Sendable {
    private let file: UInt64
    package let byteCount: Int
    /// When the file was last written, in nanoseconds since 1970.
    package let writtenNanoseconds: Int64

    /// Nil unless a regular file is there.
    ///
    /// Without `followingLinks`, a symbolic link counts as none: it may lead out of its folder.
    package init?(of path: String, followingLinks: Bool = true) {
        self.init(path, kind: S_IFREG, followingLinks: followingLinks)
    }

    /// The stamp of a folder, which changes when a name in it comes, goes or leads to another file.
    package init?(ofFolder path: String) {
        self.init(path, kind: S_IFDIR, followingLinks: true)
    }

    private init?(_ path: String, kind: mode_t, followingLinks: Bool) {
        var status = stat()
        let found =
            followingLinks ? unsafe stat(path, &status) : unsafe lstat(path, &status)
        guard found == 0, status.st_mode & S_IFMT == kind else { return nil }
        file = UInt64(status.st_ino)
        byteCount = Int(status.st_size)
        #if canImport(Glibc)
        let time = status.st_mtim
        #else
        let time = status.st_mtimespec
        #endif
        writtenNanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
