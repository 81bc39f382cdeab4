import Glibc
import Work

/// Why a run, or a part of it, could not be done.
package struct RunError: Error, CustomStringConvertible, Sendable {
    package enum Kind: Sendable, Equatable {
        /// The machine or its set-up is at fault: a port in use, no memory, a worker that does not
        /// start. Exit code 40.
        case environment
        /// Workers were lost and none is left to finish the work. Exit code 31.
        case unfinished
        /// A signal asked to stop. Exit code 128 + its number.
        case interrupted(signal: Int32)
        /// A `headwise` process that was started for a comparison failed and gave a reason. The
        /// exit code is that of the process.
        case reported(exitCode: Int32)
    }

    package let kind: Kind
    /// One sentence: what, where, what was expected, what to do.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    package init(interruptedBy signal: Int32) {
        let name =
            switch signal {
            case SIGINT: "Ctrl-C"
            case SIGHUP: "a hang-up (SIGHUP)"
            default: "SIGTERM"
            }
        self.init(.interrupted(signal: signal), "interrupted by \(name)")
    }

    /// An operating-system call that failed.
    package static func system(_ call: String, _ code: Int32, _ advice: String = "") -> RunError {
        RunError(.environment, SystemError(call, code, advice).description)
    }
}

extension RunError {
    package var isInterruption: Bool { if case .interrupted = kind { true } else { false } }

    package var exitCode: Int32 {
        switch kind {
        case .environment: EndCode.environment
        case .unfinished: EndCode.unfinished
        case .interrupted(let signal): 128 + signal
        case .reported(let exitCode): exitCode
        }
    }

    /// Turns an error of a lower module into an error of the environment.
    package static func environment<Value: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(RunError) -> Value {
        do throws(Failure) {
            return try body()
        } catch {
            throw RunError(.environment, "\(error)")
        }
    }
}
