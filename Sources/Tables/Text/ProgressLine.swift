import Platform
import Record

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One line on standard error that shows the current work, rewritten in place and removed at the
/// end.
///
/// It appears only on a terminal: a log file has no use for it. It is a class, because the loop
/// that reports and the command that clears the line share it.
package final class ProgressLine {
    private let isActive: Bool
    private let columns: Int
    private let now: () -> UInt64
    private let write: (String) -> Void
    private var isShown = false
    private var lastShown: UInt64?
    /// When the work with an estimated end began, and how much was done then.
    private var start: (time: UInt64, fraction: Double)?

    /// Nobody reads faster than ten times a second, and this rate disturbs no measurement.
    private static let intervalNanoseconds: UInt64 = 100_000_000

    package convenience init(isQuiet: Bool = false) {
        let isTerminal = isatty(STDERR_FILENO) == 1 && environmentVariable("TERM") != "dumb"
        self.init(
            isActive: isTerminal && !isQuiet,
            columns: Terminal.columns(of: STDERR_FILENO),
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

    /// Replaces the shown text, unless that text is too new to have been read.
    ///
    /// The text is a closure, so that it is formatted only if it is shown.
    package func show(_ text: () -> String) {
        guard isActive else { return }
        let time = now()
        if let lastShown, time - lastShown < Self.intervalNanoseconds { return }
        lastShown = time
        isShown = true
        // One column stays free: a full line would wrap, and could not be rewritten.
        let line = visible(String(text().map { $0.isNewline ? " " : $0 }))
        write("\r\u{1B}[K" + truncated(line, columns: columns - 1))
    }

    /// The same with how much of the work is done, from 0 to 1, and so how long it still takes.
    ///
    /// The remaining time is estimated from the pace since the first such call. It is shown after
    /// two seconds and a fiftieth of the work, because an earlier estimate would be unreliable. A
    /// smaller fraction than before starts over.
    package func show(fraction: Double, _ text: () -> String) {
        guard isActive else { return }
        let time = now()
        let done = min(max(fraction, 0), 1)
        if start.map({ done < $0.fraction }) ?? true { start = (time, done) }
        show {
            let percent = Units.percent(done)
            let rest = remaining(at: time, done: done).map { ", about \($0) left" } ?? ""
            return "\(text()), \(percent)\(rest)"
        }
    }

    /// What a measurement reports to.
    package func report(_ fraction: Double?, _ text: () -> String) {
        if let fraction { show(fraction: fraction, text) } else { show(text) }
    }

    private func remaining(at time: UInt64, done: Double) -> String? {
        guard let start, done - start.fraction >= 0.02, done < 1 else { return nil }
        let elapsed = Double(time - start.time) / 1e9
        guard elapsed >= 2 else { return nil }
        return Self.duration(seconds: elapsed / (done - start.fraction) * (1 - done))
    }

    /// Rounded as coarsely as the estimate is: `8 s`, `2 min`, `3 h`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 3_600_000 else { return "1000 h or more" }
        if seconds < 10 { return "\(max(Int(seconds.rounded(.up)), 1)) s" }
        if seconds < 57.5 { return "\(Int((seconds / 5).rounded()) * 5) s" }
        if seconds < 3570 { return "\(max(Int((seconds / 60).rounded()), 1)) min" }
        return "\(Int((seconds / 3600).rounded())) h"
    }

    /// Removes the line, before other output or at the end.
    package func clear() {
        guard isShown else { return }
        isShown = false
        lastShown = nil
        write("\r\u{1B}[K")
    }
}

private func writeToStandardError(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count)
        }
        // A lost progress line does no harm, so errors are ignored here.
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
