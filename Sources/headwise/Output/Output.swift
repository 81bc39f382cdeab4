import Glibc
import Platform
import Tables
import Work

/// What the program says: results on standard output, everything else on standard error.
enum Output {
    /// Prints a result.
    ///
    /// If the result cannot be written, this is the last error, and not an error of the code that
    /// computed the result. So the program ends here.
    static func print(_ text: String, terminator: String = "\n") {
        guard let reason = StandardStream.output.write(text + terminator) else { return }
        error(
            "standard output cannot be written (\(reason)): expected room for the result; free "
                + "some space, or redirect the output"
        )
        exit(EndCode.environment)
    }

    static func error(_ sentence: String) {
        note("headwise: \(sentence)")
    }

    /// Reports that a command that a signal ended leaves nothing.
    static func interrupted(_ cause: ClusterError) {
        error("\(cause); nothing was written")
    }

    /// Prints one line; a name within it may hold any character.
    static func note(_ line: String) {
        StandardStream.error.write(visible(line) + "\n")
    }
}
