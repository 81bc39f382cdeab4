#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Who reports a signal that ends this process and those that it started.
///
/// A process that starts others reports it for all; otherwise one Ctrl-C would be reported twice.
package enum ParentReport {
    private static let variable = "HEADWISE_PARENT_REPORTS"

    /// Says to all processes started from here on that this one reports a signal.
    ///
    /// Call it while no other thread runs: the environment has no lock.
    package static func begin() { unsafe setenv(variable, "\(getpid())", 1) }

    /// Whether the process that started this one, directly or not, reports it.
    package static var isExpected: Bool {
        guard let reporter = unsafe getenv(variable) else { return false }
        return unsafe String(cString: reporter) != "\(getpid())"
    }
}
