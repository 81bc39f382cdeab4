import CSystem
import Glibc
import Platform
import Scheduling
import Work
import ZeroMQ

/// A process of one worker or several: one thread that carries their messages, and compute threads.
///
/// This thread never computes, so that heartbeats continue whatever the kernel does. It owns what workers
/// share: the place where they wait, and what ends the process.
package final class WorkerProcess {
    private let first: WorkerOptions
    private let context: Context
    private var poller: Poller
    /// What tells of the connections and compute threads of several workers, as one: a poll of many
    /// descriptors takes longer, and these seldom have news.
    private let others: DescriptorSet
    private let reportsItem: Poller.Item
    private let outcomesItem: Poller.Item
    private let lifelineItem: Poller.Item?
    private let interruptionItem: Poller.Item?
    private let workers: [Worker]

    /// Prepares the workers of a process, which share their lifeline and their parent.
    package init(_ options: [WorkerOptions]) throws(RunError) {
        guard let first = options.first else { preconditionFailure("a process has a worker") }
        self.first = first
        headwise_keep_freed_memory()
        ParentProcess.follow(first.parent, answersSignals: first.interruption != nil)
        try DescriptorLimit.provideForWorkers(options.count)
        switch first.fault {
        case .die(shard: 0): _ = raise(SIGKILL)
        case .late(let milliseconds): try Self.wait(milliseconds, lifeline: first.lifeline)
        default: break
        }
        Affinity.pin(to: first.processors)
        // Emulated tasks end by this thread's waits.
        Clock.wakeOnTime()
        try ThreadRoom.require(2)
        let context = try RunError.environment { () throws(ZeroMQError) in
            try Context(maximumSockets: max(64, Self.socketsPerWorker * options.count))
        }
        var poller = Poller()
        var workers: [Worker] = []
        for own in options { workers.append(try Worker(own, context, &poller)) }
        self.workers = workers
        let others = try DescriptorSet()
        if workers.count == 1 {
            reportsItem = poller.add(fileDescriptor: workers[0].descriptors.reports)
            outcomesItem = poller.add(fileDescriptor: workers[0].descriptors.outcomes)
        } else {
            for worker in workers {
                try others.add(worker.descriptors.reports)
                try others.add(worker.descriptors.outcomes)
            }
            reportsItem = poller.add(fileDescriptor: others.descriptor)
            outcomesItem = reportsItem
        }
        self.others = others
        lifelineItem = Self.add(first.lifeline, to: &poller)
        interruptionItem = Self.add(first.interruption?.descriptor, to: &poller)
        self.context = context
        self.poller = poller
    }

    private static func add(_ descriptor: Int32?, to poller: inout Poller) -> Poller.Item? {
        guard let descriptor else { return nil }
        return poller.add(fileDescriptor: descriptor)
    }

    /// Its own, its monitor's two, and one to spare.
    private static let socketsPerWorker = 4

    /// The fault `late`; the end of the lifeline ends it.
    private static func wait(_ milliseconds: Int, lifeline: Int32?) throws(RunError) {
        _ = try System.readable(
            [lifeline].compactMap { $0 },
            withinMilliseconds: Int32(clamping: milliseconds)
        )
    }

    /// Works until one of the workers is asked to stop, or cannot go on, and returns how it ended.
    package func work() throws(RunError) -> WorkerExit {
        for worker in workers { try worker.start() }
        do throws(ZeroMQError) {
            for worker in workers {
                try worker.takeFirstReports()
                try worker.prepareWait(&poller)
            }
            while true {
                for worker in workers {
                    guard let exit = worker.exit else { continue }
                    switch exit {
                    case .preparationFailed, .interrupted: try sayLastWord(of: worker)
                    default: break
                    }
                    return exit
                }
                try turn()
            }
        } catch {
            throw RunError(.environment, "\(error)")
        }
    }

    /// Gives the coordinator time to read why a worker cannot go on, and to end it.
    ///
    /// If it saw the end of the process first, it would know the exit code but no reason.
    private func sayLastWord(of worker: Worker) throws(ZeroMQError) {
        try worker.sendLastWord()
        guard let lifeline = first.lifeline else { return }
        var poller = Poller()
        _ = poller.add(fileDescriptor: lifeline)
        try poller.wait(.seconds(2))
    }

    private func turn() throws(ZeroMQError) {
        var (limit, moment) = (Self.longestWaitNanoseconds, UInt64.max)
        for worker in workers {
            limit = min(limit, worker.heartbeatNanoseconds)
            if let end = worker.nextEnd { moment = min(moment, end) }
        }
        try poller.wait(nanoseconds: limit, orUntil: moment)
        if let lifelineItem, poller.isReady(lifelineItem) {
            // Only the token was ever written, so this is the end of the stream.
            return workers[0].takeNews(.parentGone)
        }
        if let interruptionItem, poller.isReady(interruptionItem),
            let signal = first.interruption?.signal
        {
            return workers[0].takeNews(.interrupted(signal: signal))
        }
        let hasReports = poller.isReady(reportsItem)
        let hasOutcomes = poller.isReady(outcomesItem)
        let takesAll = workers.count == 1 || hasReports
        let now = Clock.nanoseconds
        for worker in workers where takesAll || worker.isDue(poller, at: now) {
            try worker.turn(at: now, hasReports: hasReports, hasOutcomes: hasOutcomes)
            try worker.prepareWait(&poller)
        }
    }

    private static let longestWaitNanoseconds: UInt64 = 1_000_000_000
}
