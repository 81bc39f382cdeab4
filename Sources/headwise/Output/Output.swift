import Cluster
import Glibc
import Report
import Work

/// What the program says: results on standard output, everything else on standard error.
enum Output {
    /// Prints a result.
    ///
    /// A result that could not be written is the last thing that went wrong, and no error of what
    /// computed it; so the program ends here.
    static func print(_ text: String, terminator: String = "\n") {
        guard let reason = StandardStream.output.write(text + terminator) else { return }
        error(
            "standard output cannot be written (\(reason)): expected room for the result; make room "
                + "or send it elsewhere"
        )
        exit(EndCode.environment)
    }

    static func error(_ sentence: String) {
        note("headwise: \(sentence)")
    }

    /// Says of a command that a signal ended that there is nothing of it.
    static func interrupted(_ cause: ClusterError) {
        error("\(cause); nothing was written")
    }

    /// Says one line; a name within it may hold anything.
    static func note(_ line: String) {
        StandardStream.error.write(visible(line) + "\n")
    }
}
