#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A folder that only its owner can enter, which appears with all its files or not at all.
///
/// It is filled beside its place, under a name that begins with a dot. The `deinit` removes it unless
/// it was published.
package struct NewFolder: ~Copyable {
    package let path: String
    private let partial: String
    private var names: [String] = []
    private var isPublished = false

    /// Refuses a path at which there is anything.
    package init(at path: String, for contents: String) throws(ExperimentError) {
        var end = path.endIndex
        while end > path.startIndex, path[path.index(before: end)] == "/" {
            end = path.index(before: end)
        }
        let place = String(path[..<end])
        guard !place.isEmpty else { throw .exists(path.isEmpty ? "an empty path" : path) }
        var status = stat()
        guard unsafe lstat(place, &status) != 0 else {
            throw .exists(
                path,
                expected: "a new path, because headwise overwrites no folder",
                remedy: "choose another path, or remove this folder"
            )
        }
        let name = place.split(separator: "/").last ?? ""
        let partial = place.dropLast(name.count) + ".\(name).partial-\(getpid())"
        guard unsafe mkdir(String(partial), 0o700) == 0 else {
            throw .system(path, "cannot be made", expected: "a writable folder for \(contents)")
        }
        self.path = place
        self.partial = String(partial)
    }

    deinit {
        guard !isPublished else { return }
        for name in names { unsafe unlink("\(partial)/\(name)") }
        unsafe rmdir(partial)
    }

    /// Adds a file that these nine bits protect, whatever the process's mask is.
    package mutating func add(
        _ name: String,
        _ text: String,
        permissions: UInt32
    ) throws(ExperimentError) {
        let place = "\(partial)/\(name)"
        let descriptor = unsafe open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unwritten(name) }
        defer { close(descriptor) }
        names.append(name)
        let bytes = Array(text.utf8)
        let count = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        guard count == bytes.count, fchmod(descriptor, mode_t(permissions)) == 0 else {
            throw unwritten(name)
        }
    }

    /// Gives the folder its name.
    package mutating func publish() throws(ExperimentError) {
        // Somebody may have made a folder there meanwhile; only an empty one is replaced.
        guard unsafe chmod(partial, 0o700) == 0, unsafe rename(partial, path) == 0 else {
            throw .system(path, "cannot be made", expected: "a path where there is nothing")
        }
        isPublished = true
    }

    private func unwritten(_ name: String) -> ExperimentError {
        .system("\(path)/\(name)", "cannot be written", expected: "room on the disk")
    }
}
