import Platform

/// Starts the workers of a cluster.
///
/// A worker is identified by its rank and the run's token, which it shows when it joins. Its process
/// does not identify it, since that may run behind another program or on another machine.
protocol Launcher {
    /// Whether the workers are processes of this one, which can share memory with it.
    var sharesMemory: Bool { get }
    /// Starts a worker on each seat; it says HELLO by itself.
    func start(_ seats: [WorkerSeat]) throws(RunError) -> LaunchedWorkers
}

/// The settings with which one worker is started.
struct WorkerSeat {
    /// Its place among the workers of the run, from 0.
    var rank: Int
    /// Which process it is in, from 0; local workers beside each other may share one.
    var process: Int
    var endpoint: String
    /// The run's token, 32 hexadecimal digits: a secret that no command line may show.
    var token: String
    /// The folder of the keys with which it connects; nil if the token is enough.
    var keys: String?
    var threads: Int
    var credit: Int
    /// Processors to pin to; empty for none.
    var processors: [Int]
    /// A fault to commit, as `headwise worker --fault` takes it.
    var fault: String?
    var memory: [InheritedMemory]
    /// The folder in which a worker of another program finds the rest; nil where there is none.
    var join: String?
}

/// Memory that a worker inherits, and the flag that names its descriptor to it.
struct InheritedMemory {
    var flag: String
    var descriptor: Int32
}

/// A worker that was started.
protocol LaunchedWorker: AnyObject {
    /// Becomes readable when the worker has ended; nil where only its connection shows that.
    var endDescriptor: Int32? { get }
    /// What the worker's process used of the processors so far, as far as anybody can tell: its CPU time,
    /// and the rest where its threads are asked for. Workers that share a process share its use.
    func use(threads: Bool) -> ProcessorUse
    /// The memory of the worker's process, or its share of it, shared pages too; nil where nobody can tell.
    var residentBytes: Int? { get }
    /// Why the worker ended, in its own words; asked for once it has ended.
    var lastWords: String? { get }
    /// How the worker ended, if it has ended or is about to end: its connections close a moment
    /// before it ends.
    func endingIfAny() -> ExitStatus?
    /// Waits for a worker that has ended or is about to end, and returns how it ended.
    @discardableResult func reap() -> ExitStatus
    /// Ends the worker at once, whatever state it is in, and waits until it is gone.
    func kill()
}
