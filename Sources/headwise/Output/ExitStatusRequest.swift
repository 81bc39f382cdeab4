import Platform
import Work

/// Ends the program with an exit code after all messages were printed.
struct ExitStatusRequest: Error {
    let code: Int32
}

/// A command that a signal ended, and what it leaves behind, as the rest of a sentence.
struct InterruptedCommand: Error {
    let cause: ClusterError
    let outcome: String
}

extension ClusterError {
    var isInterruption: Bool { if case .interrupted = kind { true } else { false } }

    /// The error itself, or what an interrupted command says instead.
    func orInterrupted(_ outcome: String) -> any Error {
        isInterruption ? InterruptedCommand(cause: self, outcome: outcome) : self
    }

    var exitCode: Int32 {
        switch kind {
        case .environment: EndCode.environment
        case .unfinished: EndCode.unfinished
        case .interrupted(let signal): 128 + signal
        case .reported(let exitCode): exitCode
        }
    }
}
