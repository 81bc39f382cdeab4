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
        let found =
            name.contains("/")
            ? (unsafe access(name, X_OK) == 0 ? name : nil)
            : PipedProcess.find(name, path: PipedProcess.environmentPath)
        guard let program = found else {
            throw RunError(
                .environment,
                "there is no program \(name)\(name.contains("/") ? "" : " on the path"), which "
                    + "was to start the workers; \(remedy)"
            )
        }
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

    /// Lets the program end by itself for a while, then asks it to end, and at last kills it; what it has
    /// started and is left in its group ends with it.
    package func end(withinMilliseconds patience: Int32, thenMilliseconds more: Int32) {
        for limit in [patience, more] {
            for _ in 0..<max(1, limit / 20) where !process.ends(withinMilliseconds: 20) { hear() }
            guard !process.ends(withinMilliseconds: 0) else { break }
            process.terminate()
        }
        hear()
        process.kill()
    }
}
