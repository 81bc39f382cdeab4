#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What is asked of the file system by path alone, without an open file.
package enum FileSystem {
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    package static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

    /// Makes one folder; returns false if it exists already.
    ///
    /// `contents` names what the folder is for, such as "records".
    package static func makeFolder(
        _ path: String,
        for contents: String
    ) throws(ExperimentError) -> Bool {
        if unsafe mkdir(path, 0o755) == 0 { return true }
        guard errno == EEXIST else {
            throw .system(path, "cannot be made", expected: "a writable folder for \(contents)")
        }
        return false
    }

    /// Removes a folder that nothing was put into; returns whether it is gone.
    package static func removeIfEmpty(_ path: String) -> Bool { unsafe rmdir(path) == 0 }

    /// Makes a folder and the folders above it, where they are missing.
    package static func makeFolders(
        _ path: String,
        for contents: String
    ) throws(ExperimentError) {
        var folder = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            folder += part
            _ = try makeFolder(folder, for: contents)
            folder += "/"
        }
    }

    /// Appends to a file, and creates it if it is missing.
    ///
    /// One call writes all bytes, so that no other program's bytes come between them.
    package static func append(_ bytes: [UInt8], to path: String) throws(ExperimentError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .system(path, "cannot be written", expected: "a path in a writable folder")
        }
        defer { close(descriptor) }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        guard count == bytes.count else {
            throw .system(path, "cannot be written", expected: "room on the disk")
        }
    }
}
