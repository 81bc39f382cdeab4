import Platform

/// A process of several workers, which are started, lost and ended together.
///
/// A class, since its workers share it, and the loss of one of them explains that of the others.
final class SharedProcess {
    private let process: ChildProcess
    private let ranks: [Int]
    /// The worker for whose sake the process was killed.
    private var endedFor: Int?
    /// What the process said when it ended; it can be read once.
    private lazy var words: String? = process.lastWords

    private init(_ process: ChildProcess, ranks: [Int]) {
        self.process = process
        self.ranks = ranks
    }

    /// The workers of a process, in the order of their ranks.
    static func workers(
        _ process: ChildProcess,
        ranks: [Int]
    ) throws(RunError) -> [any LaunchedWorker] {
        guard ranks.count > 1 else { return [process] }
        let shared = SharedProcess(process, ranks: ranks)
        return try ranks.indices.map { index throws(RunError) in
            try Share(of: shared, index, endDescriptor: shared.endDescriptor(index))
        }
    }

    /// Each worker has one of its own, so that the loop can forget them one by one.
    private func endDescriptor(_ index: Int) throws(RunError) -> Int32 {
        index == 0 ? process.exitDescriptor : try System.duplicate(process.exitDescriptor)
    }

    /// One of its workers.
    final class Share: LaunchedWorker {
        private let shared: SharedProcess
        private let index: Int
        private let end: Int32

        fileprivate init(of shared: SharedProcess, _ index: Int, endDescriptor: Int32) {
            self.shared = shared
            self.index = index
            end = endDescriptor
        }

        deinit { if index > 0 { System.close(end) } }

        private var rank: Int { shared.ranks[index] }
        var processIdentifier: Int32 { shared.process.processIdentifier }

        var endDescriptor: Int32? { end }

        /// Nobody can tell the workers' parts apart, so each gets the same.
        func use(threads: Bool) -> ProcessorUse {
            shared.process.use(threads: threads).share(index, of: shared.ranks.count)
        }

        var residentBytes: Int? { shared.process.residentBytes.map { $0 / shared.ranks.count } }

        var lastWords: String? {
            guard let other = shared.endedFor, other != rank else { return shared.words }
            return "it shared the process of worker \(other), which was lost"
        }

        func endingIfAny() -> ExitStatus? { shared.process.endingIfAny() }

        func reap() -> ExitStatus { shared.process.reap() }

        func kill() {
            if !shared.process.isReaped { shared.endedFor = rank }
            shared.process.kill()
        }
    }
}
