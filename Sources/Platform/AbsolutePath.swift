import Glibc

/// The path from the root, for programs that run in another folder.
///
/// A path that names nothing stays as it is.
package func absolutePath(_ path: String) -> String {
    guard let found = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
}
