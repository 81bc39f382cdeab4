import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The file that a text or a picture is written to, checked before the work so that no work is wasted.
///
/// The file appears as a whole or not at all and never replaces an existing one. Nothing is at the
/// path before, so that work that ends without a result, however it ends, does not block the next
/// run.
package struct TextOutput: Sendable {
    package let path: String
    private let isRenewed: Bool

    /// Takes `path`, which the user named by `flag`, and where nothing may exist yet.
    package static func reserve(
        path: String,
        flag: String
    ) throws(ExperimentError) -> TextOutput {
        guard !path.isEmpty else { throw .namesNothing(flag) }
        guard !PartialFile.isTaken(path) else { throw .exists("\(flag) \(path)") }
        // Detects before the work a folder that is not writable, or a name that is too long.
        try PartialFile(for: path).synchronize()
        return TextOutput(path: path, isRenewed: false)
    }

    /// Takes a path whose content this program may replace, and makes the folders above it.
    package static func renew(path: String) throws(ExperimentError) -> TextOutput {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try FileSystem.makeFolders(names.joined(separator: "/"), for: "this file")
        return TextOutput(path: path, isRenewed: true)
    }

    /// Adds a line to a user's file unless the file has it; returns whether it was added.
    ///
    /// The line is appended and the file is not replaced, because the file may be a link and the
    /// rest of it belongs to the user.
    package static func add(line: String, to path: String) throws(ExperimentError) -> Bool {
        if FileSystem.exists(path) {
            let bytes = try OpenFile.contents(of: path, limit: 16 << 20)
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            if lines.contains(where: { $0 == line }) { return false }
        }
        try FileSystem.append(Array("\n\(line)\n".utf8), to: path)
        return true
    }

    package func write(_ text: String) throws(ExperimentError) {
        try write(bytes: Array(text.utf8))
    }

    package func write(bytes: [UInt8]) throws(ExperimentError) {
        let partial = try PartialFile(for: path)
        try partial.write(bytes)
        if isRenewed { try partial.replace() } else { try partial.appear() }
    }
}

/// A new or empty folder for files that belong together, without files from an earlier run.
///
/// It appears with all of its files or not at all.
package struct OutputFolder: Sendable {
    package let path: String
    private let flag: String

    /// Takes `path`, which the user named by `flag`: nothing is there yet, or an empty folder.
    package static func reserve(
        _ path: String,
        flag: String
    ) throws(ExperimentError) -> OutputFolder {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else { throw .namesNothing(flag) }
        let folder = OutputFolder(path: path, flag: flag)
        guard path != "/", ![".", ".."].contains(lastComponent(of: path)), isFree(path) else {
            throw folder.existsAlready
        }
        // Detects before the work a folder that is not writable, or a name that is too long.
        unsafe rmdir(try folder.makeTemporary())
        return folder
    }

    /// Writes all files; they appear together.
    package func write(
        _ files: [(name: String, content: String)]
    ) throws(ExperimentError) {
        let temporary = try makeTemporary()
        do throws(ExperimentError) {
            for file in files {
                let partial = try PartialFile(for: "\(temporary)/\(file.name)")
                try partial.write(Array(file.content.utf8))
                try partial.replace()
            }
            // Takes the place of an empty folder, and of nothing else.
            guard unsafe rename(temporary, path) == 0 else {
                if errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR { throw existsAlready }
                throw .system(
                    "\(flag) \(path)",
                    "cannot be created",
                    expected: "a path for a folder"
                )
            }
        } catch {
            // A leftover folder is hidden and named after this process, and the error that led here
            // matters more.
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    private var existsAlready: ExperimentError {
        .exists(
            "\(flag) \(path)",
            expected: "a new or empty folder, because headwise never overwrites a file"
        )
    }

    private func makeTemporary() throws(ExperimentError) -> String {
        let temporary = PartialFile.temporaryPath(for: path)
        // A killed process with this process number may have left it; if nothing exists, nothing is
        // removed.
        try? FileManager.default.removeItem(atPath: temporary)
        guard unsafe mkdir(temporary, 0o755) == 0 else {
            throw .system(
                "\(flag) \(path)",
                "cannot be created",
                expected: "a path for a new folder"
            )
        }
        return temporary
    }

    /// Whether the path holds nothing, or an empty folder.
    private static func isFree(_ path: String) -> Bool {
        guard PartialFile.isTaken(path) else { return true }
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return false
        }
        // A folder that cannot be read counts as full.
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        return names?.isEmpty == true
    }
}
