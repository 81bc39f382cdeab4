import CSystem
import Glibc
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into something a loop can wait for.
///
/// One thread takes the signals; all other threads block them. The thread remembers the first
/// signal, cancels what this process computes and makes `descriptor` readable. A second signal ends
/// the process at once: the workers then end by their lifelines. What was ignored when the process
/// began stays ignored: SIGHUP under `nohup`, SIGINT in the background of a script.
///
/// A class, since the signal thread refers to it for the rest of the process's life.
package final class Interruption: Sendable {
    /// Readable from the first signal on.
    package let descriptor: Int32
    /// Cancelled by the first signal, to stop computations that would take too long.
    package let cancellation = Cancellation()
    private let first = Atomic<Int32>(0)
    /// Reports a signal that ends the process at once; nil while the process has things to end in
    /// order.
    private let parting = Mutex<(@Sendable (RunError) -> Void)?>(nil)

    /// Two signals within this time count as one: `timeout` sends its signal twice, to the process
    /// and to the group.
    private static let togetherNanoseconds: UInt64 = 500_000_000

    /// Blocks the signals for the calling thread and those started after: call it first in `main`.
    package init() throws(RunError) {
        descriptor = try System.eventDescriptor()
        let waitedFor = Self.signals
        var signals = waitedFor
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        // It waits for signals until the process ends.
        let waiter = try PlainThread { [self] in
            var firstNanoseconds: UInt64 = 0
            while true {
                var waited = waitedFor
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
                    parting(RunError(interruptedBy: signal))
                    _exit(128 + signal)
                }
                cancellation.cancel()
                System.signal(eventDescriptor: descriptor)
            }
        }
        waiter.detach()
    }

    /// For a process that another process of ours started: the end of the stream that `lifeline`
    /// reads counts as SIGTERM.
    ///
    /// The parent handles signals. A Ctrl-C at a terminal reaches both processes; otherwise one
    /// Ctrl-C would end the work twice and be reported twice.
    package init(lifeline: Int32) throws(RunError) {
        descriptor = try System.eventDescriptor()
        for signal in [SIGINT, SIGTERM, SIGHUP] { Glibc.signal(signal, SIG_IGN) }
        // It waits for the end of the stream, which may come first, until the process ends.
        let waiter = try PlainThread { [self] in
            System.waitForEnd(of: lifeline)
            first.store(SIGTERM, ordering: .sequentiallyConsistent)
            cancellation.cancel()
            System.signal(eventDescriptor: descriptor)
        }
        waiter.detach()
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        // A blocked signal stays pending even if it is ignored.
        for signal in [SIGINT, SIGTERM, SIGHUP] where !headwise_is_ignored(signal) {
            unsafe sigaddset(&signals, signal)
        }
        return signals
    }

    /// Does work that needs no cleaning up and cannot be stopped half way, such as reading a large
    /// file.
    ///
    /// A signal ends the process in the middle of this work, after `parting` has reported it.
    package func endingAtOnce<Result, Failure: Error>(
        _ parting: @escaping @Sendable (RunError) -> Void,
        _ work: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        self.parting.withLock { $0 = parting }
        // If the signal thread is about to end the process, it holds the lock, and this line waits
        // until the process ends.
        defer { self.parting.withLock { $0 = nil } }
        return try work()
    }

    /// The signal that asked to stop, if one did.
    package var signal: Int32? {
        let value = first.load(ordering: .sequentiallyConsistent)
        return value == 0 ? nil : value
    }

    /// Throws when a signal has asked to stop, or is about to arrive.
    ///
    /// A Ctrl-C reaches every process of the terminal. We may notice its effect on another process
    /// before our own thread has taken the signal.
    package func checkForCause() throws(RunError) {
        _ = System.isReadable(descriptor, withinMilliseconds: 100)
        try check()
    }

    /// Throws when a signal has asked to stop; the command reports what is kept.
    package func check() throws(RunError) {
        guard let signal else { return }
        throw RunError(interruptedBy: signal)
    }
}
