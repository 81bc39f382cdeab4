#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Content on its way to a path: written beside it, forced to the disk, then moved into place as a
/// whole.
///
/// A reader sees either what was there before or all of the content, never half of it. The path
/// stays free until then, however this process ends. The `deinit` removes content that was not
/// moved into place.
package struct PartialFile: ~Copyable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32

    /// Begins the content of `path`, whose folder must be writable.
    package init(for path: String) throws(ExperimentError) {
        let temporary = Self.temporaryPath(for: path)
        // A killed process with this process number may have left this file; nobody needs it any
        // more.
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .system(path, "cannot be written", expected: "a path in a writable folder")
        }
        self.path = path
        self.temporary = temporary
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        unsafe unlink(temporary)
    }

    /// The temporary path; hidden, so that a folder listing or a glob never takes it for a result.
    static func temporaryPath(for path: String) -> String {
        let name = lastComponent(of: path)
        return String(path.dropLast(name.count)) + ".\(name).\(getpid()).partial"
    }

    /// Writes `parts`, one after the other, and forces them to the disk.
    func write(_ parts: [UnsafeRawBufferPointer]) throws(ExperimentError) {
        var offset = 0
        for index in unsafe parts.indices {
            try unsafe place(parts[index], at: offset)
            unsafe offset += parts[index].count
        }
        try synchronize()
    }

    /// Writes bytes at an offset from the beginning of the content; bytes never written read as
    /// zeros.
    package func place(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ExperimentError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = unsafe pwrite(
                descriptor,
                rest.baseAddress,
                rest.count,
                off_t(offset + done)
            )
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .system(path, "cannot be written", expected: "room on the disk")
            }
            done += count
        }
    }

    /// Writes the elements of an array, or of a slice of one, as they are in memory.
    package func place<Elements: Collection>(
        _ elements: Elements,
        at offset: Int
    ) throws(ExperimentError) where Elements.Element: BitwiseCopyable {
        // A buffer is valid only within its closure, and the closure's rethrowing loses the error
        // type.
        var failure: ExperimentError?
        let isContiguous: Void? = elements.withContiguousStorageIfAvailable { elements in
            do throws(ExperimentError) {
                try unsafe place(UnsafeRawBufferPointer(elements), at: offset)
            } catch {
                failure = error
            }
        }
        precondition(isContiguous != nil, "arrays and their slices must be contiguous")
        if let failure { throw failure }
    }

    /// Sets the final size before the parts are written, so that a lack of room is found early.
    func resize(to byteCount: Int) throws(ExperimentError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw .system(path, "cannot be written", expected: "room on the disk")
        }
    }

    /// The free bytes on the file system of a path; nil where the system does not report them.
    static func freeBytes(beside path: String) -> Int? {
        var status = statvfs()
        guard unsafe statvfs(folder(of: path), &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int(exactly: bytes)
    }

    /// Forces what was written to the disk.
    func synchronize() throws(ExperimentError) {
        guard fsync(descriptor) == 0 else {
            guard errno != EPERM else {
                throw ExperimentError(
                    .environment,
                    path,
                    "cannot be forced to the disk",
                    expected: "the call fsync, which a filter of system calls (seccomp) forbids",
                    remedy: "allow it, or write no file"
                )
            }
            throw .system(path, "cannot be written", expected: "room on the disk")
        }
    }

    func write(_ bytes: [UInt8]) throws(ExperimentError) {
        // A buffer is valid only within its closure, and rethrowing loses the error type: see
        // OpenFile.
        var failure: ExperimentError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(ExperimentError) {
                try unsafe write([buffer])
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Moves the content to the path and replaces what is there.
    consuming func replace() throws(ExperimentError) {
        guard unsafe rename(temporary, path) == 0 else {
            throw .system(
                path,
                "cannot be moved to its final name",
                expected: "a folder that does not change during the run"
            )
        }
        Self.synchronizeFolder(of: path)
    }

    /// Moves the content to the path, unless something exists there by now.
    consuming func appear() throws(ExperimentError) {
        if unsafe link(temporary, path) != 0 {
            guard errno != EEXIST, !Self.isTaken(path) else { throw .exists(path) }
            // A file system without hard links, where an existing file cannot be detected
            // atomically.
            guard unsafe rename(temporary, path) == 0 else {
                throw .system(
                    path,
                    "cannot be moved to its final name",
                    expected: "a folder that does not change during the run"
                )
            }
        }
        Self.synchronizeFolder(of: path)
    }

    /// Whether anything exists at the path, including a broken symbolic link.
    static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Makes the renaming itself survive a power cut.
    ///
    /// Where a file system refuses, the content is still safe; only the time of the renaming is
    /// not.
    private static func synchronizeFolder(of path: String) {
        let folder = folder(of: path)
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

/// The part of a path after the last slash.
func lastComponent(of path: String) -> String {
    String(path.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
}

/// The part of a path before the last slash; the working folder when there is none.
package func folder(of path: String) -> String {
    let name = lastComponent(of: path)
    let prefix = path.dropLast(name.count)
    return prefix.isEmpty ? "." : String(prefix)
}
