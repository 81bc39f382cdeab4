import Glibc

/// An operating-system call that failed.
package struct SystemError: Error, CustomStringConvertible, Sendable {
    package let call: String
    /// The system's text for the error.
    package let reason: String
    private let advice: String
    /// Whether the system forbids the call to this process.
    package let isForbidden: Bool

    package init(_ call: String, _ code: Int32, _ advice: String = "") {
        self.call = call
        isForbidden = code == EPERM
        reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        self.advice = Self.remedy(code) ?? advice
    }

    /// The advice for a shortage, for any call.
    private static func remedy(_ code: Int32) -> String? {
        switch code {
        case EMFILE: "raise the open file limit with 'ulimit -n', or use fewer workers"
        case ENFILE: "stop other programs: the whole machine has too many open files"
        case EAGAIN:
            "allow more processes and threads ('ulimit -u', or the pids limit of the container), "
                + "or use fewer workers"
        case EPERM:
            "a filter of system calls (seccomp), as containers have, forbids this call: allow it, "
                + "or run headwise outside the filter"
        default: nil
        }
    }

    package var description: String {
        let failure = "\(call) failed: \(reason)"
        return advice.isEmpty ? failure : "\(failure); \(advice)"
    }
}
