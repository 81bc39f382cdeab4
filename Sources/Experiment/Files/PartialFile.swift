#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Content on its way to a path: written beside it, forced to the disk, then put in its place whole.
///
/// Whoever looks sees what was there before or all of the content, never half of it; and the path
/// stays free until then, however this process ends. What was not put in its place goes away with
/// this value.
struct PartialFile: ~Copyable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32

    /// Begins the content of `path`, whose folder must be writable.
    init(for path: String) throws(ExperimentError) {
        let temporary = Self.temporaryPath(for: path)
        // One that a killed process of this number left is nobody's any more.
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

    /// Hidden, so that a folder listing or a glob never takes it for a result.
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

    /// Writes bytes to their place, counted from the beginning of the content; what is never
    /// written reads as zeros.
    func place(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ExperimentError) {
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

    /// Writes the elements of an array, or of a slice of one, as they lie in memory.
    func place<Elements: Collection>(
        _ elements: Elements,
        at offset: Int
    ) throws(ExperimentError) where Elements.Element: BitwiseCopyable {
        // A buffer is valid only within its closure, whose rethrowing loses the type.
        var failure: ExperimentError?
        let isContiguous: Void? = elements.withContiguousStorageIfAvailable { elements in
            do throws(ExperimentError) {
                try unsafe place(UnsafeRawBufferPointer(elements), at: offset)
            } catch {
                failure = error
            }
        }
        precondition(isContiguous != nil, "arrays and their slices are contiguous")
        if let failure { throw failure }
    }

    /// Gives the content its final size before its parts are placed, and finds out early where
    /// that is too much.
    func resize(to byteCount: Int) throws(ExperimentError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw .system(path, "cannot be written", expected: "room on the disk")
        }
    }

    /// What the file system of a path can still take; nil where it does not say.
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
            throw .system(path, "cannot be written", expected: "room on the disk")
        }
    }

    func write(_ text: String) throws(ExperimentError) {
        // A buffer is valid only within its closure, whose rethrowing loses the type: see OpenFile.
        var failure: ExperimentError?
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(ExperimentError) {
                try unsafe write([buffer])
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Takes the place of whatever is at the path.
    consuming func replace() throws(ExperimentError) {
        guard unsafe rename(temporary, path) == 0 else {
            throw .system(
                path,
                "cannot be put in its place",
                expected: "the folder to stay as it was"
            )
        }
        Self.synchronizeFolder(of: path)
    }

    /// Appears at the path, unless something is there by now.
    consuming func appear() throws(ExperimentError) {
        if unsafe link(temporary, path) != 0 {
            guard errno != EEXIST, !Self.isTaken(path) else { throw .exists(path) }
            // A file system without second names, where nobody else can be told from nobody.
            guard unsafe rename(temporary, path) == 0 else {
                throw .system(
                    path,
                    "cannot be put in its place",
                    expected: "the folder to stay as it was"
                )
            }
        }
        Self.synchronizeFolder(of: path)
    }

    /// Whether anything is at the path, be it a link that leads nowhere.
    static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Makes the renaming itself survive a power cut; where a file system refuses, the content is
    /// still safe and only the moment of the renaming is not.
    private static func synchronizeFolder(of path: String) {
        let folder = folder(of: path)
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

/// What stands behind the last slash.
func lastComponent(of path: String) -> String {
    String(path.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
}

/// What stands before the last slash; the working folder when there is none.
func folder(of path: String) -> String {
    let name = lastComponent(of: path)
    let prefix = path.dropLast(name.count)
    return prefix.isEmpty ? "." : String(prefix)
}
