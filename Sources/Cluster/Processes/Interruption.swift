import Attention
import CSystem
import Glibc
import Synchronization
import Timing

/// Turns SIGINT, SIGTERM and SIGHUP into something a loop can wait for.
///
/// One thread takes the signals (every other one has them blocked), remembers the first, cancels
/// what is being computed in this process and makes `descriptor` readable. A second signal ends the
/// process at once: the workers then end by their lifelines. A hang-up that was ignored when the
/// process began, as `nohup` does, stays ignored.
///
/// A class, since the signal thread refers to it for the rest of the process's life.
package final class Interruption: Sendable {
    /// Readable from the first signal on.
    package let descriptor: Int32
    /// Cancelled by the first signal, for computations that would go on too long.
    package let cancellation = Cancellation()
    private let first = Atomic<Int32>(0)
    /// What is said of a signal that ends the process at once; nil while there is something to end in
    /// order.
    private let parting = Mutex<(@Sendable (ClusterError) -> Void)?>(nil)

    /// Signals that come as close as this are one: `timeout` sends its own twice, to the process and
    /// to the group.
    private static let togetherNanoseconds: UInt64 = 500_000_000

    /// Blocks the signals for the calling thread and those started after: call it first in `main`.
    package init() throws(ClusterError) {
        descriptor = try System.eventDescriptor()
        var signals = Self.signals
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        // Never joined: it waits for signals until the process ends.
        _ = try PlainThread { [self] in
            var firstNanoseconds: UInt64 = 0
            while true {
                var waited = Self.signals
                var signal: Int32 = 0
                guard unsafe sigwait(&waited, &signal) == 0 else { continue }
                let (isFirst, _) = first.compareExchange(
                    expected: 0,
                    desired: signal,
                    ordering: .sequentiallyConsistent
                )
                guard isFirst else {
                    if Clock.nanoseconds - firstNanoseconds < Self.togetherNanoseconds { continue }
                    _exit(128 + signal)
                }
                firstNanoseconds = Clock.nanoseconds
                parting.withLock { parting in
                    guard let parting else { return }
                    parting(Self.error(signal))
                    _exit(128 + signal)
                }
                cancellation.cancel()
                System.signal(eventDescriptor: descriptor)
            }
        }
    }

    /// For a process that another one of ours started: the end of the stream that `lifeline` reads
    /// counts as SIGTERM.
    ///
    /// Signals are the other one's to answer, so that a Ctrl-C at a terminal, which reaches both,
    /// ends the work once and is told once.
    package init(lifeline: Int32) throws(ClusterError) {
        descriptor = try System.eventDescriptor()
        for signal in [SIGINT, SIGTERM, SIGHUP] { Glibc.signal(signal, SIG_IGN) }
        // Never joined: it waits for the end until the process ends.
        _ = try PlainThread { [self] in
            System.waitForEnd(of: lifeline)
            first.store(SIGTERM, ordering: .sequentiallyConsistent)
            cancellation.cancel()
            System.signal(eventDescriptor: descriptor)
        }
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        // One that is blocked waits to be taken even where it is ignored.
        if !headwise_is_ignored(SIGHUP) { unsafe sigaddset(&signals, SIGHUP) }
        return signals
    }

    /// Does work that leaves nothing to tidy up and cannot be stopped in between, such as reading a
    /// large file: a signal ends the process in the midst of it, after `parting` has told so.
    package func endingAtOnce<Result, Failure: Error>(
        _ parting: @escaping @Sendable (ClusterError) -> Void,
        _ work: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        self.parting.withLock { $0 = parting }
        // Whoever is about to end the process holds the lock, and goes no further than that.
        defer { self.parting.withLock { $0 = nil } }
        return try work()
    }

    /// The signal that asked to stop, if one did.
    package var signal: Int32? {
        let value = first.load(ordering: .sequentiallyConsistent)
        return value == 0 ? nil : value
    }

    /// Throws when a signal has asked to stop, or is about to be heard.
    ///
    /// A Ctrl-C reaches every process of the terminal, and what it does to another one may be
    /// noticed before our own thread has taken it.
    package func checkForCause() throws(ClusterError) {
        _ = System.isReadable(descriptor, withinMilliseconds: 100)
        try check()
    }

    /// Throws when a signal has asked to stop; what is kept is the command's to say.
    package func check() throws(ClusterError) {
        guard let signal else { return }
        throw Self.error(signal)
    }

    private static func error(_ signal: Int32) -> ClusterError {
        let name =
            switch signal {
            case SIGINT: "Ctrl-C"
            case SIGHUP: "a hang-up (SIGHUP)"
            default: "SIGTERM"
            }
        return ClusterError(.interrupted(signal: signal), "interrupted by \(name)")
    }
}
