#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where a path leads: two spellings of one file's path are equal, even if the file does not exist
/// yet.
///
/// `./a` equals `a`, and a folder's symbolic links are resolved.
package struct FilePlace: Hashable, Sendable {
    private let path: String

    package init(_ path: String) {
        let names = path.split(separator: "/").filter { $0 != "." }
        let root = path.hasPrefix("/") ? "/" : ""
        let folder = root + names.dropLast().joined(separator: "/")
        if let place = Self.resolved(path) {
            self.path = place
        } else if let name = names.last, let place = Self.resolved(folder.isEmpty ? "." : folder) {
            self.path = "\(place)/\(name)"
        } else {
            self.path = root + names.joined(separator: "/")
        }
    }

    /// Nil when nothing is there.
    private static func resolved(_ path: String) -> String? {
        guard let place = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(place) }
        return unsafe String(cString: place)
    }
}
