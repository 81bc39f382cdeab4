import Testing

@testable import Report

struct ProgressLineTests {
    /// What was written, and a clock that moves only when told to.
    private final class Terminal {
        var written = ""
        var nanoseconds: UInt64 = 5
    }

    private func line(_ terminal: Terminal, isActive: Bool = true) -> ProgressLine {
        ProgressLine(
            isActive: isActive,
            columns: 12,
            now: { terminal.nanoseconds },
            write: { terminal.written += $0 }
        )
    }

    @Test func `the line is rewritten in place, cut to the terminal and erased`() {
        let terminal = Terminal()
        let progress = line(terminal)
        progress.show { "trial 1\nof 12 of the second point" }
        #expect(terminal.written == "\r\u{1B}[Ktrial 1 of…")
        progress.clear()
        #expect(terminal.written.hasSuffix("…\r\u{1B}[K"))
        let length = terminal.written.count
        progress.clear()
        #expect(terminal.written.count == length)
    }

    @Test func `a line forgotten is erased all the same`() {
        let terminal = Terminal()
        do { line(terminal).show { "x" } }
        #expect(terminal.written == "\r\u{1B}[Kx\r\u{1B}[K")
    }

    @Test func `a text that comes too soon is not even made`() {
        let terminal = Terminal()
        let progress = line(terminal)
        var made = 0
        for step in [0, 99_999_999, 1, 50] as [UInt64] {
            terminal.nanoseconds += step
            progress.show {
                made += 1
                return "x"
            }
        }
        #expect(made == 2)
    }

    @Test func `nothing is written where nobody looks`() {
        let terminal = Terminal()
        do { line(terminal, isActive: false).show { "x" } }
        #expect(terminal.written.isEmpty)
    }
}
