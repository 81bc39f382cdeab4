import FoundationEssentials
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A fresh folder that goes away with this value; a run finds it as its TMPDIR and working folder.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        // Short, since the path of a socket in it has to fit into 107 bytes.
        var template = Array("/tmp/hwt-XXXXXX".utf8CString)
        let isMade = mkdtemp(&template) != nil
        try #require(isMade)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // What is left behind lies in the system's folder for such things.
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, in the place of one of that name, and returns its path; a folder in the name
    /// is made.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        if let slash = name.lastIndex(of: "/") { _ = try makeFolder(String(name[..<slash])) }
        let stream = try #require(fopen(file(name), "w"))
        defer { fclose(stream) }
        try #require(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
        return file(name)
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: file(name))))
    }

    func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name),
            withIntermediateDirectories: true
        )
        return file(name)
    }

    /// The names of what lies in it, sorted.
    var names: [String] {
        get throws { try Self.names(in: path) }
    }

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    /// The socket folders in it, which a run must take away.
    var socketFolders: [String] {
        get throws { try names.filter { $0.hasPrefix("headwise-") } }
    }
}
