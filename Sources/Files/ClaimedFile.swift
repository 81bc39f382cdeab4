import Work

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A path reserved by this process for a result that does not exist yet.
///
/// The claim is an empty file made with `O_EXCL`. So a second process fails before its run and not
/// after it, no existing file is ever overwritten, and an unwritable folder is found early. Content
/// replaces the claim as a whole: a reader sees the empty claim, the old content or the new
/// content, never half of one. The `deinit` removes a claim that was never filled.
package struct ClaimedFile: ~Copyable {
    package let path: String
    private var isFilled = false
    /// The folder that was made for the claim, and is removed with it.
    private let newFolder: String?
    /// Held for the content that is written last.
    private var spare: SpareRoom?

    /// Claims `path`, or returns nil when something exists there; `newFolder` was made for it.
    package init?(ifFree path: String, newFolder: String? = nil) throws(ExperimentError) {
        // The claim alone does not show that content can be written beside it: a name can be too
        // long.
        try PartialFile(for: path).synchronize()
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw .system(path, "cannot be written", expected: "a path in a writable folder")
        }
        close(descriptor)
        self.path = path
        self.newFolder = newFolder
        spare = nil
    }

    /// Holds room for content of that size, so that a disk that fills up meanwhile is no loss.
    package mutating func holdRoom(for byteCount: Int) throws(ExperimentError) {
        spare = try SpareRoom(beside: path, byteCount: byteCount)
    }

    /// Takes `path`, which the user named by `flag`.
    package static func claim(_ path: String, flag: String) throws(ExperimentError) -> ClaimedFile {
        guard !path.isEmpty else { throw .namesNothing(flag) }
        if let claim = try ClaimedFile(ifFree: path) { return claim }
        guard isEmptyFile(path) else { throw .exists("\(flag) \(path)") }
        throw .exists(
            "\(flag) \(path)",
            remedy:
                "choose another path; or delete this empty file if no run is using it (a killed "
                + "run leaves one)"
        )
    }

    /// Whether the path could hold a claim that was never filled.
    private static func isEmptyFile(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_size == 0
    }

    deinit {
        guard !isFilled else { return }
        unsafe unlink(path)
        // A folder that another process has put something into stays.
        if let newFolder { unsafe rmdir(newFolder) }
    }

    /// Replaces the content of the file by `parts`, one after the other.
    package mutating func replaceContent(
        _ parts: [UnsafeRawBufferPointer]
    ) throws(ExperimentError) {
        let partial = try PartialFile(for: path)
        try unsafe partial.write(parts)
        try partial.replace()
        isFilled = true
    }

    /// Refuses, before anything is computed, content that has no room.
    ///
    /// `byteCount` is nil when it exceeds every integer. Holes, which read as zeros, take no room.
    package func requireRoom(
        for byteCount: Int?,
        hasHoles: Bool,
        flag: String
    ) throws(ExperimentError) {
        func refusal(_ problem: String, expected: String) -> ExperimentError {
            ExperimentError(
                .environment,
                "\(flag) \(path)",
                problem,
                expected: expected,
                remedy: "choose another path, or compute a smaller problem"
            )
        }
        guard let byteCount else {
            throw refusal("needs more than 8 EiB", expected: "a file that a disk can hold")
        }
        let needed = "needs \(amount(byteCount, .up))"
        do throws(ExperimentError) {
            _ = try begin(byteCount: byteCount)
        } catch {
            throw refusal(
                "\(needed) in one file",
                expected: "a size that the file system and 'ulimit -f' allow"
            )
        }
        guard !hasHoles, let free = PartialFile.freeBytes(beside: path), byteCount > free else {
            return
        }
        throw refusal(
            "\(needed) of disk space",
            expected: "at most the \(amount(free, .down)) that are free"
        )
    }

    /// Begins content of a known size, to be placed part by part.
    package func begin(byteCount: Int) throws(ExperimentError) -> PartialFile {
        let partial = try PartialFile(for: path)
        try partial.resize(to: byteCount)
        return partial
    }

    /// Puts `partial` in place as the content of the file.
    package mutating func fill(with partial: consuming PartialFile) throws(ExperimentError) {
        try partial.synchronize()
        try partial.replace()
        isFilled = true
    }

    /// Replaces the content for the last time, with the help of the room that was held.
    package mutating func finishContent(_ text: String) throws(ExperimentError) {
        do throws(ExperimentError) {
            try replaceContent(text)
        } catch {
            guard spare != nil else { throw error }
            spare = nil
            try replaceContent(text)
        }
    }

    package mutating func replaceContent(_ text: String) throws(ExperimentError) {
        let partial = try PartialFile(for: path)
        try partial.write(Array(text.utf8))
        try partial.replace()
        isFilled = true
    }
}
