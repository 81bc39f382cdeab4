#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The text files in which the kernel describes the machine.
///
/// Files are read through a closure, so that a test can describe another machine.
package struct SystemFiles: Sendable {
    /// The contents of the file at an absolute path; nil when it cannot be read.
    package var contents: @Sendable (String) -> String?

    /// This machine's own files.
    package static let live = SystemFiles(contents: { readFile($0) })

    /// The contents without leading and trailing white space; nil if missing or blank.
    package func line(_ path: String) -> String? {
        contents(path).map(trimmed).flatMap { $0.isEmpty ? nil : $0 }
    }

    package func integer(_ path: String) -> Int? {
        line(path).flatMap { Int($0) }
    }
}

/// Without the spaces, tabs and newlines at either end.
package func trimmed(_ text: some StringProtocol) -> String {
    let kept = text.drop(while: \.isWhitespace)
    guard let last = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(kept[...last])
}

/// The numbers of a list such as `0-3,8`, ascending; nil when it is not one.
func parseCPUList(_ text: String) -> [Int]? {
    var numbers: Set<Int> = []
    for part in text.split(separator: ",") {
        let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
            Int(trimmed($0))
        }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
            0 <= first, first <= last, last < 65_536
        else { return nil }
        numbers.formUnion(first...last)
    }
    return numbers.sorted()
}

/// Files of `/proc` and `/sys` report size zero, so they are read until they end.
///
/// A bound keeps an unexpected file from filling the memory.
private func readFile(_ path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let limitBytes = 4 << 20
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < limitBytes {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}
