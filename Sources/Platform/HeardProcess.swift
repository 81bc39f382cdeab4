import Glibc

/// A program of somebody else that this process has started, and the end of what it prints.
///
/// It leads a process group, which ends with it. It reads nothing. What it prints, on either stream, is
/// kept here, and the caller says when to read it: a pipe that nobody reads stops the program, and
/// nothing else.
///
/// A class, since its end must kill and reap exactly once.
package final class HeardProcess {
    private var process: SpawnedProcess
    /// The end of a pipe; nil after the program's last word.
    package private(set) var stream: Int32?
    private var heard: [UInt8] = []
    private static let mostHeard = 4096

    /// Starts the program that `words` begin with, looked for on the path as a shell does.
    ///
    /// - Throws: Where there is no such program; `remedy` says what to do then.
    package init(_ words: [String], remedy: String) throws(RunError) {
        let name = words.first ?? ""
        let program = try Self.program(name, remedy: remedy)
        let (readEnd, writeEnd) = try System.pipe()
        defer { System.close(writeEnd) }
        do {
            process = try RunError.environment { () throws(SystemError) in
                try SpawnedProcess(
                    executable: program,
                    named: name,
                    arguments: Array(words.dropFirst()),
                    descriptors: [1: writeEnd, 2: writeEnd],
                    leadsGroup: true
                )
            }
        } catch {
            System.close(readEnd)
            throw error
        }
        System.makeNonBlocking(readEnd)
        stream = readEnd
    }

    deinit { if let stream { System.close(stream) } }

    /// Whether the file is one that may be run; a folder may be entered, which is the same right.
    private static func isProgram(_ path: String) -> Bool {
        var about = stat()
        return unsafe stat(path, &about) == 0 && about.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// Where a program is.
    ///
    /// - Throws: Where there is none; `remedy` says what to do then.
    @discardableResult
    package static func program(_ name: String, remedy: String) throws(RunError) -> String {
        let found =
            name.contains("/")
            ? (isProgram(name) ? name : nil)
            : PipedProcess.find(name, path: PipedProcess.environmentPath)
        guard let found else {
            throw RunError(
                .environment,
                "there is no program \(name)\(name.contains("/") ? "" : " on the path"), which "
                    + "was to start the workers; \(remedy)"
            )
        }
        return found
    }

    /// Readable when the program has ended.
    package var exitDescriptor: Int32 { process.exitDescriptor }

    /// Takes what the program has printed, or a part if that is much; false when nothing more can come.
    @discardableResult
    package func hear() -> Bool {
        for _ in 0..<16 {
            guard let stream else { return false }
            var part = [UInt8](repeating: 0, count: 4096)
            let count = unsafe Glibc.read(stream, &part, part.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return true }
            guard count > 0 else {
                System.close(stream)
                self.stream = nil
                return false
            }
            heard = (heard + part[..<count]).suffix(Self.mostHeard)
        }
        return true
    }

    /// How it ended; nil while it runs.
    ///
    /// What it has started may live on.
    package var ending: ExitStatus? { process.ending }

    /// The last lines that it printed.
    package var lines: [String] {
        String(decoding: heard, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { trimmed($0) }.filter { !$0.isEmpty }
    }

    /// Lets programs end by themselves for a while, then asks them to end, and at last kills them; what they
    /// have started and is left in their groups ends with them.
    ///
    /// All have the same time together.
    package static func end(
        _ programs: [HeardProcess],
        withinMilliseconds patience: Int32,
        thenMilliseconds more: Int32
    ) {
        var living = programs
        for limit in [patience, more] {
            let deadline = Clock.nanoseconds + UInt64(limit) * 1_000_000
            while let first = living.first, Clock.nanoseconds < deadline {
                _ = first.process.ends(withinMilliseconds: 20)
                // Whoever prints waits until somebody reads.
                living.forEach { $0.hear() }
                living.removeAll { $0.process.ends(withinMilliseconds: 0) }
            }
            living.forEach { $0.process.terminate() }
        }
        for program in programs {
            program.hear()
            program.process.kill()
        }
    }
}
