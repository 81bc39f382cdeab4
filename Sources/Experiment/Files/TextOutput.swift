#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The file a text goes to, taken before the work so that nothing is made for nothing.
///
/// It appears whole or not at all, never replaces what was there, and work that ends without a
/// result leaves nothing.
package struct TextOutput: ~Copyable {
    private var file: ClaimedFile

    package var path: String { file.path }

    /// Takes `path`, which the user named by `flag`, where nothing may be yet.
    package static func reserve(
        path: String,
        flag: String
    ) throws(ExperimentError) -> TextOutput {
        guard !path.isEmpty else {
            throw ExperimentError(
                .usage,
                flag,
                "names no file",
                expected: "a path where nothing is yet",
                remedy: "give one"
            )
        }
        return TextOutput(file: try ClaimedFile.claim(path, flag: flag))
    }

    /// Takes a path whose content is this program's own to renew, and makes the folders above it.
    package static func renew(path: String) throws(ExperimentError) -> TextOutput {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += folder.isEmpty && !path.hasPrefix("/") ? String(part) : "/\(part)"
            if unsafe mkdir(folder, 0o755) != 0, errno != EEXIST {
                throw .system(folder, "cannot be made", expected: "a writable folder")
            }
        }
        return TextOutput(file: ClaimedFile(renewing: path))
    }

    /// Adds a line to a file of the user's, unless it is there; whether it was added.
    ///
    /// Added and not renewed, since such a file may be a link, and the rest of it is not ours.
    package static func add(line: String, to path: String) throws(ExperimentError) -> Bool {
        if unsafe access(path, F_OK) == 0 {
            let bytes = try OpenFile.contents(of: path, limit: 16 << 20)
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            if lines.contains(where: { $0 == line }) { return false }
        }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .system(path, "cannot be written", expected: "a writable file")
        }
        defer { close(descriptor) }
        let text = Array("\n\(line)\n".utf8)
        // One call, so that the line is there whole or not at all.
        let count = unsafe text.withUnsafeBytes { bytes in
            #if canImport(Glibc)
            unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            #else
            unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }
        guard count == text.count else {
            throw .system(path, "cannot be written", expected: "room on the disk")
        }
        return true
    }

    package mutating func write(_ text: String) throws(ExperimentError) {
        try file.replaceContent(Array(text.utf8))
    }

    private init(file: consuming ClaimedFile) {
        self.file = file
    }
}

/// A folder for files that belong together, new or empty, so that none of another time is among
/// them.
package struct OutputFolder: Sendable {
    package let path: String

    /// Makes `path`, which the user named by `flag`, or takes it when it is an empty folder.
    package static func claim(_ path: String, flag: String) throws(ExperimentError) -> OutputFolder
    {
        if unsafe mkdir(path, 0o755) == 0 { return OutputFolder(path: path) }
        guard errno == EEXIST else {
            throw .system("\(flag) \(path)", "cannot be made", expected: "a path for a new folder")
        }
        // A folder with something in it cannot be removed, and so is neither emptied nor used.
        guard unsafe rmdir(path) == 0, unsafe mkdir(path, 0o755) == 0 else {
            throw ExperimentError(
                .environment,
                "\(flag) \(path)",
                "exists already",
                expected: "a new or empty folder, since nothing is ever overwritten",
                remedy: "choose another path or move it away"
            )
        }
        return OutputFolder(path: path)
    }

    package func write(_ name: String, _ text: String) throws(ExperimentError) {
        var file = try TextOutput.reserve(path: "\(path)/\(name)", flag: "the file")
        try file.write(text)
    }
}
