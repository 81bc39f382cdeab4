import FoundationEssentials
import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A fresh folder that only this user may enter, gone with everything in it when this value goes.
package struct TemporaryFolder: ~Copyable, Sendable {
    package let path: String

    package init() throws {
        // Short, since the path of a socket in it has to fit into 107 bytes.
        var template = Array("/tmp/hwt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SupportFailure("no folder: error \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // What is left behind lies in the system's folder for such things.
        try? FileManager.default.removeItem(atPath: path)
    }

    package var endpoint: String { "ipc://\(file("socket"))" }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, in the place of one of that name, and returns its path; a folder in the name
    /// is made.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        if let slash = name.lastIndex(of: "/") { _ = try makeFolder(String(name[..<slash])) }
        // Foundation would wait for the disk, thousands of times in some tests.
        guard let stream = fopen(file(name), "we") else {
            throw SupportFailure("\(file(name)) cannot be written: error \(errno)")
        }
        defer { fclose(stream) }
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else {
            throw SupportFailure("\(file(name)) is not written whole: error \(errno)")
        }
        return file(name)
    }

    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// Writes a shell script that can be started; returns its path.
    ///
    /// Another process writes it. Had this one the file open while another test starts a program,
    /// that program would have it open too for a moment, and the system starts nothing that is open
    /// for writing.
    @discardableResult
    package func writeProgram(
        _ name: String,
        _ script: String,
        shell: String = "/bin/sh"
    ) throws -> String {
        let program = file(name)
        let outcome = try PipedProcess.run(
            "/bin/sh",
            ["-c", "cat >'\(program)' && chmod 700 '\(program)'"],
            input: Array("#!\(shell)\n\(script)\n".utf8),
            milliseconds: 60_000
        )
        guard outcome.ending == .ended(.exited(code: 0)) else {
            throw SupportFailure("\(program) cannot be written: \(outcome.ending)")
        }
        return program
    }

    package func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: file(name))))
    }

    package func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name),
            withIntermediateDirectories: true
        )
        return file(name)
    }

    /// The names of what lies in it, sorted.
    package var names: [String] {
        get throws { try Self.names(in: path) }
    }

    package static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
}

/// What a test needs and cannot have.
struct SupportFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
