import Testing

@testable import Tables

struct ProgressLineTests {
    /// A terminal that keeps its text, with a clock that the test moves.
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

    @Test func `the line is rewritten, cut to the terminal and erased`() {
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

    @Test func `a line is erased with its object`() {
        let terminal = Terminal()
        do { line(terminal).show { "x" } }
        #expect(terminal.written == "\r\u{1B}[Kx\r\u{1B}[K")
    }

    @Test func `a text that comes too soon is not made`() {
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

    @Test func `an inactive line writes nothing`() {
        let terminal = Terminal()
        do { line(terminal, isActive: false).show { "x" } }
        #expect(terminal.written.isEmpty)
    }

    private func wide(_ terminal: Terminal) -> ProgressLine {
        ProgressLine(
            isActive: true,
            columns: 80,
            now: { terminal.nanoseconds },
            write: { terminal.written += $0 }
        )
    }

    private func last(_ terminal: Terminal) -> String {
        String(terminal.written.split(separator: "\u{1B}[K").last ?? "")
    }

    @Test func `the time left follows from the pace so far`() {
        let terminal = Terminal()
        let progress = wide(terminal)
        func show(after seconds: Double, fraction: Double) -> String {
            terminal.nanoseconds += UInt64(seconds * 1e9)
            progress.show(fraction: fraction) { "round" }
            return last(terminal).filter { $0 != "\r" }
        }
        #expect(show(after: 0, fraction: 0.1) == "round, 10 %")
        #expect(show(after: 1, fraction: 0.3) == "round, 30 %", "too early to say")
        for (seconds, fraction, percent, left) in [
            (1.0, 0.3, "30 %", " 7 s"), (2.0, 0.5, "50 %", " 5 s"), (96.0, 0.6, "60 %", " 1 min"),
        ] {
            let text = show(after: seconds, fraction: fraction)
            #expect(text.hasPrefix("round, \(percent)") && text.contains(left), "\(text)")
        }
        #expect(show(after: 1, fraction: 1) == "round, 100 %")
        #expect(show(after: 1, fraction: 0.05) == "round, 5 %", "another piece of work")
        #expect(show(after: 9, fraction: 0.06) == "round, 6 %", "too little done to say")
        #expect(show(after: 1, fraction: 7) == "round, 100 %")
    }

    @Test(arguments: [
        (0.2, "1 s"), (7.01, "8 s"), (12, "10 s"), (57, "55 s"), (58, "1 min"), (150, "3 min"),
        (3569, "59 min"), (3600, "1 h"), (86_400, "24 h"),
    ])
    func `a duration is rounded as coarsely as it is estimated`(seconds: Double, text: String) {
        #expect(ProgressLine.duration(seconds: seconds) == text)
    }

    @Test func `an endless duration reads as a very long one`() {
        let text = ProgressLine.duration(seconds: .infinity)
        #expect(text == ProgressLine.duration(seconds: 1e12))
        #expect(text != ProgressLine.duration(seconds: 1e6))
    }
}
