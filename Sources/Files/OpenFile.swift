#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An open file, closed once.
///
/// All system calls of this module are in this type, `PartialFile`, `ClaimedFile` and `FilePlace`.
/// So every failure has the same wording, and interrupted or short calls are repeated in one place.
package struct OpenFile: ~Copyable {
    package let path: String
    /// When the file was opened.
    package let byteCount: Int
    /// Who may read and write it: nine bits, as `chmod` takes them.
    package let permissions: UInt32
    /// Whether it belongs to the user of this process, or to root.
    package let isOwn: Bool
    private let descriptor: Int32

    /// Opens a regular file for reading.
    package init(reading path: String) throws(ExperimentError) {
        guard !path.isEmpty else { throw .emptyPath }
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else {
            throw .system(path, "cannot be opened", expected: "a readable file")
        }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw ExperimentError(
                .environment,
                path,
                "is not a regular file",
                expected: "a readable file",
                remedy: "give the path of a file"
            )
        }
        self.path = path
        byteCount = Int(status.st_size)
        permissions = UInt32(status.st_mode) & 0o777
        isOwn = [0, geteuid()].contains(status.st_uid)
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Fills `destination` from `offset` on, or throws.
    package func read(
        at offset: Int,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        var done = 0
        while done < destination.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[done...])
            let count = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if count < 0 {
                    throw .system(path, "cannot be read", expected: "a readable file")
                }
                throw ExperimentError(
                    .environment,
                    path,
                    "ends at byte \(offset + done)",
                    expected: "\(offset + destination.count) bytes or more",
                    remedy: "write the file again; it is truncated, or it changed during reading"
                )
            }
            done += count
        }
    }

    package func bytes(at offset: Int, count: Int) throws(ExperimentError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // The standard library's closure rethrows `any Error`, so a `Result` carries the typed
        // error out.
        let outcome = unsafe bytes.withUnsafeMutableBytes {
            buffer -> Result<Void, ExperimentError> in
            do throws(ExperimentError) {
                return .success(try unsafe read(at: offset, into: buffer))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
        return bytes
    }

    /// Reads the whole file; refuses one larger than `limit`.
    package static func contents(of path: String, limit: Int) throws(ExperimentError) -> [UInt8] {
        let file = try OpenFile(reading: path)
        guard file.byteCount <= limit else {
            throw ExperimentError(
                .usage,
                path,
                "has \(file.byteCount) bytes",
                expected: "at most \(limit)",
                remedy: "check that this is the right file"
            )
        }
        return try file.bytes(at: 0, count: file.byteCount)
    }
}

extension ExperimentError {
    /// The error for an existing file, because nothing is ever overwritten.
    package static func exists(
        _ subject: String,
        expected: String = "a new path, because headwise never overwrites a file",
        remedy: String = "choose another path, or move the existing file"
    ) -> ExperimentError {
        ExperimentError(
            .environment,
            subject,
            "already exists",
            expected: expected,
            remedy: remedy
        )
    }

    /// The error for a flag whose value is empty, for example from an unset shell variable.
    package static func namesNothing(_ flag: String) -> ExperimentError {
        ExperimentError(
            .usage,
            flag,
            "names no file",
            expected: "the path of a new file",
            remedy: "give a path"
        )
    }

    package static var emptyPath: ExperimentError {
        ExperimentError(
            .environment,
            "an empty path",
            "names no file",
            expected: "a readable file",
            remedy: "give the path of a file"
        )
    }

    /// The failure of the preceding system call, whose `errno` is still set.
    package static func system(
        _ path: String,
        _ problem: String,
        expected: String
    ) -> ExperimentError {
        let number = errno
        let reason = unsafe String(cString: strerror(number))
        let remedy =
            switch number {
            case ENOENT: "check the path"
            case EACCES, EPERM, EROFS: "choose another path, or change its permissions"
            case ENOSPC, EDQUOT: "free disk space, or choose another path"
            case EFBIG: "raise the file size limit with 'ulimit -f', or choose another path"
            case ENOTDIR: "check the path: a part of it is not a folder"
            case EEXIST: "choose another path, or move the existing file"
            default: "check the path and try again"
            }
        return ExperimentError(
            .environment,
            path,
            "\(problem) (\(reason))",
            expected: expected,
            remedy: remedy
        )
    }
}
