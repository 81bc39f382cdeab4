#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

import Timing

/// One line on standard error that says what is going on, rewritten in place and gone at the end.
///
/// It shows itself only on a terminal: a log file has no use for it. A class, because the loop that
/// reports and the command that clears the line share it.
package final class ProgressLine {
    private let isActive: Bool
    private let columns: Int
    private let now: () -> UInt64
    private let write: (String) -> Void
    private var isShown = false
    private var lastShown: UInt64?

    /// Ten times a second is as fast as anybody reads, and slow enough to disturb no measurement.
    private static let intervalNanoseconds: UInt64 = 100_000_000

    package convenience init(isQuiet: Bool = false) {
        let isTerminal = isatty(STDERR_FILENO) == 1 && environmentVariable("TERM") != "dumb"
        self.init(
            isActive: isTerminal && !isQuiet,
            columns: terminalColumns(),
            now: { Clock.nanoseconds },
            write: writeToStandardError
        )
    }

    init(
        isActive: Bool,
        columns: Int,
        now: @escaping () -> UInt64,
        write: @escaping (String) -> Void
    ) {
        self.isActive = isActive
        self.columns = columns
        self.now = now
        self.write = write
    }

    deinit {
        clear()
    }

    /// Shows a text in the place of the last one, unless that is too young to have been read.
    ///
    /// The text is a closure so that nothing is formatted for nobody.
    package func show(_ text: () -> String) {
        guard isActive else { return }
        let time = now()
        if let lastShown, time - lastShown < Self.intervalNanoseconds { return }
        lastShown = time
        isShown = true
        // One column stays free: a full line would wrap, and could not be rewritten.
        let line = String(text().map { $0.isNewline ? " " : $0 })
        write("\r\u{1B}[K" + truncated(line, columns: columns - 1))
    }

    /// Takes the line away, for something else to be written, or at the end.
    package func clear() {
        guard isShown else { return }
        isShown = false
        lastShown = nil
        write("\r\u{1B}[K")
    }
}

private func terminalColumns() -> Int {
    var size = winsize()
    let result = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
    return result == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
}

private func writeToStandardError(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count)
        }
        // A lost progress line is no loss: whatever goes wrong here is let go.
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
