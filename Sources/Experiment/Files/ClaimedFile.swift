#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A path that this process has taken for a result it does not have yet.
///
/// The claim is an empty file made by `O_EXCL`: whoever comes second fails before its run and not
/// after it, nothing that was there is ever overwritten, and an unwritable folder is found early.
/// Content replaces the claim whole: written beside it, forced to the disk, renamed. Whoever looks
/// sees the empty claim, the old content or the new, never half of one. A claim that was never
/// filled goes away with this value.
struct ClaimedFile: ~Copyable {
    let path: String
    private var isFilled = false

    /// Takes `path`, or returns nil when something is there already.
    init?(ifFree path: String) throws(ExperimentError) {
        // The claim alone does not show that content fits beside it: a name can be too long.
        close(try Self.makeTemporary(for: path))
        unsafe unlink(Self.temporaryPath(for: path))
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw .system(path, "cannot be written", expected: "a path in a writable folder")
        }
        close(descriptor)
        self.path = path
    }

    /// Takes a path whose content is this program's own to renew.
    init(renewing path: String) {
        self.path = path
        // What is there already stays when nothing is written.
        isFilled = true
    }

    /// Takes `path`, which the user named by `flag`.
    static func claim(_ path: String, flag: String) throws(ExperimentError) -> ClaimedFile {
        if let claim = try ClaimedFile(ifFree: path) { return claim }
        throw ExperimentError(
            .environment,
            "\(flag) \(path)",
            "exists already",
            expected: "a path where nothing is, since nothing is ever overwritten",
            remedy: "choose another path or move that file away"
        )
    }

    deinit {
        if !isFilled { unsafe unlink(path) }
    }

    /// Makes `parts`, one after the other, the content of the file.
    mutating func replaceContent(
        _ parts: [UnsafeRawBufferPointer]
    ) throws(ExperimentError) {
        let temporary = Self.temporaryPath(for: path)
        let descriptor = try Self.makeTemporary(for: path)
        do throws(ExperimentError) {
            defer { close(descriptor) }
            for index in unsafe parts.indices {
                try unsafe Self.write(parts[index], to: descriptor, path: path)
            }
            guard fsync(descriptor) == 0 else {
                throw .system(path, "cannot be written", expected: "room on the disk")
            }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, path) == 0 else {
            let failure = ExperimentError.system(
                path,
                "cannot be put in its place",
                expected: "the folder to stay as it was"
            )
            unsafe unlink(temporary)
            throw failure
        }
        isFilled = true
        Self.synchronizeFolder(of: path)
    }

    mutating func replaceContent(_ bytes: [UInt8]) throws(ExperimentError) {
        // A buffer is valid only within its closure, whose rethrowing loses the type: see OpenFile.
        var failure: ExperimentError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(ExperimentError) {
                try unsafe replaceContent([buffer])
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Hidden, so that a folder listing or a glob never takes it for a result.
    private static func temporaryPath(for path: String) -> String {
        let name = lastComponent(of: path)
        return String(path.dropLast(name.count)) + ".\(name).\(getpid()).partial"
    }

    private static func makeTemporary(for path: String) throws(ExperimentError) -> Int32 {
        let temporary = temporaryPath(for: path)
        // One that a killed process of this number left is nobody's any more.
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .system(path, "cannot be written", expected: "a path in a writable folder")
        }
        return descriptor
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        path: String
    ) throws(ExperimentError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            #if canImport(Glibc)
            let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            #else
            let count = unsafe Darwin.write(descriptor, rest.baseAddress, rest.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .system(path, "cannot be written", expected: "room on the disk")
            }
            done += count
        }
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
