import Files
import Glibc
import Platform
import Report
import Tables
import Work

/// What the program says: results on standard output, everything else on standard error.
enum Output {
    /// Prints a result.
    ///
    /// If the result cannot be written, this is the last error, and not an error of the code that
    /// computed the result. So the program ends here.
    ///
    /// `kept` is the file that has the result, too.
    static func print(_ text: String, terminator: String = "\n", kept: String? = nil) {
        guard let reason = StandardStream.output.write(text + terminator) else { return }
        error(
            "standard output cannot be written (\(reason)): expected an open file with room for "
                + "the result; redirect it to such a file"
                + (kept.map { "; the record is in \($0)" } ?? "")
        )
        exit(EndCode.environment)
    }

    static func error(_ sentence: String) {
        note("headwise: \(sentence)")
    }

    /// Reports that a command that a signal ended leaves nothing.
    static func interrupted(_ cause: RunError) { interrupted(cause, "nothing was written") }

    private static func interrupted(_ cause: RunError, _ outcome: String) {
        if !ParentReport.isExpected { error("\(cause); \(outcome)") }
    }

    /// Reports an error in one sentence, unless it was reported before; nil if it is not one of the
    /// program's own.
    static func report(_ error: any Error) -> Int32? {
        switch error {
        case is ExitStatusRequest: break
        case let error as InterruptedCommand: interrupted(error.cause, error.outcome)
        // A command that leaves files when it is interrupted throws the above.
        case let error as RunError where error.isInterruption: interrupted(error)
        default: if exitCode(of: error) != nil { Self.error("\(error)") }
        }
        return exitCode(of: error)
    }

    /// The exit code of an error; nil if it is not one of the program's own.
    static func exitCode(of error: any Error) -> Int32? {
        switch error {
        case let error as ExitStatusRequest: error.code
        case let error as InterruptedCommand: error.cause.exitCode
        case let error as ExperimentError: error.exitCode
        case let error as RunError: error.exitCode
        case is PageError: EndCode.environment
        default: nil
        }
    }

    /// Prints one line; a name within it may hold any character.
    static func note(_ line: String) {
        StandardStream.error.write(visible(line) + "\n")
    }
}
