#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension FileSystem {
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Who may enter, list and change a folder: nine bits, as `chmod` takes them.
    package static func permissions(ofFolder path: String) throws(ExperimentError) -> UInt32 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw .system(path, "cannot be opened", expected: "a folder")
        }
        return UInt32(status.st_mode) & 0o777
    }

    /// Whether a file or folder belongs to the user of this process, or to root.
    package static func isOwn(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && [0, geteuid()].contains(status.st_uid)
    }

    /// The names in a folder, in their order as text, without those that begin with a dot.
    package static func names(in folder: String) throws(ExperimentError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw .system(folder, "cannot be opened", expected: "a readable folder")
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
