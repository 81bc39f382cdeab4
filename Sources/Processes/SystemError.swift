import Glibc

/// An operating-system call that failed.
package struct SystemError: Error, CustomStringConvertible, Sendable {
    package let call: String
    /// The system's own words.
    package let reason: String
    private let advice: String

    package init(_ call: String, _ code: Int32, _ advice: String = "") {
        self.call = call
        reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        self.advice = advice
    }

    package var description: String {
        let failure = "\(call) failed: \(reason)"
        return advice.isEmpty ? failure : "\(failure); \(advice)"
    }
}
