import Platform

/// Ends the program with an exit code after all messages were printed.
struct ExitStatusRequest: Error {
    let code: Int32
}

/// A command that a signal ended, and what it leaves behind, as the rest of a sentence.
struct InterruptedCommand: Error {
    let cause: RunError
    let outcome: String
}
