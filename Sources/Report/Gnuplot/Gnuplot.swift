import Platform

/// Draws plots with the program gnuplot, or says why it cannot.
///
/// A page without pictures is still a page. So nothing here throws, and the first reason for a
/// missing picture is kept for the reader.
package struct Gnuplot {
    private let executable: String?
    private let milliseconds: Int
    private let interruption: Int32?
    private var isInterrupted = false
    /// Why pictures are missing; nil while none is missing.
    private(set) var missing: Missing?

    /// Why a picture could not be drawn, and what to do about it.
    struct Missing {
        var cause: String
        var remedy: String
        /// The first that is missing; nil if all are.
        var plot: String?
    }

    /// Why plots of a page are missing, in sentences with a remedy; nil while none is missing.
    package var problem: String? {
        missing.map { missing in
            (missing.plot.map { "A plot is missing (\($0))" } ?? "The plots are missing")
                + ", because \(missing.cause): \(missing.remedy), and write the report again. "
                + "The tables hold the same numbers."
        }
    }

    /// Why there is no gnuplot, and what to do, if there is none.
    package var absence: String? {
        executable == nil ? missing.map { "\($0.cause): \($0.remedy)" } : nil
    }

    /// Looks for gnuplot on `path`, which is the environment's unless given.
    ///
    /// A picture that takes longer than `milliseconds` is left out; gnuplot takes about 30, and
    /// less than a minute even on a machine with hundreds of busy processes. Once the descriptor
    /// `interruption` is readable, nothing more is drawn.
    package init(
        path: String? = PipedProcess.environmentPath,
        milliseconds: Int = 60_000,
        interruption: Int32? = nil
    ) {
        executable = PipedProcess.find("gnuplot", path: path)
        self.milliseconds = milliseconds
        self.interruption = interruption
        if executable == nil {
            missing = Missing(
                cause: "there is no gnuplot on the PATH",
                remedy: "install it (on Debian: apt-get install gnuplot-nox)"
            )
        }
    }

    /// Nil when it could not be drawn; `problem` then says why.
    mutating func draw(
        _ plot: Plot,
        _ format: Plot.Format,
        identifier: String,
        label: String
    ) -> VectorPicture? {
        guard let output = run(plot, plot.script(format)) else { return nil }
        let text = String(decoding: output, as: UTF8.self)
        let picture = VectorPicture(gnuplot: text, identifier: identifier, label: label)
        if picture == nil { fail("printed an incomplete picture", plot) }
        return picture
    }

    /// The bytes of a PNG file; nil as above.
    mutating func drawPixels(_ plot: Plot, _ format: Plot.Format) -> [UInt8]? {
        run(plot, plot.script(format, .png))
    }

    /// What gnuplot prints for a script.
    private mutating func run(_ plot: Plot, _ script: String) -> [UInt8]? {
        guard let executable, !isInterrupted else { return nil }
        let outcome: PipedProcess.Outcome
        do throws(SystemError) {
            outcome = try PipedProcess.run(
                executable,
                // The user's gnuplot settings must not change this page.
                ["-d"],
                input: Array(script.utf8),
                milliseconds: milliseconds,
                interruption: interruption
            )
        } catch {
            fail("cannot be started (\(error.reason))", plot)
            return nil
        }
        switch outcome.ending {
        case .ended(.exited(0)): break
        case .ended(.exited(let code)):
            let complaint =
                String(decoding: outcome.errors, as: UTF8.self)
                .split(separator: "\n").last.map { ": \($0.drop { $0 == " " })" } ?? ""
            fail("ended with code \(code)\(complaint)", plot)
            return nil
        case .ended(.signalled(let signal)):
            fail("was killed by signal \(signal)", plot)
            return nil
        case .ended(.unknown):
            fail("ended in an unknown way", plot)
            return nil
        case .overran:
            fail("took longer than \(milliseconds) ms", plot)
            return nil
        case .printedTooMuch:
            fail("made a picture of more than \(PipedProcess.largestOutputBytes >> 20) MiB", plot)
            return nil
        case .interrupted:
            isInterrupted = true
            fail("was interrupted", plot)
            return nil
        }
        return outcome.output
    }

    private mutating func fail(_ reason: String, _ plot: Plot) {
        guard missing == nil else { return }
        missing = Missing(
            cause: "gnuplot \(reason)",
            remedy: "check that 'gnuplot --version' says 5.2 or later and that it can draw SVG",
            plot: plot.name
        )
    }
}
