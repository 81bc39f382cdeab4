import Platform
import Wire

/// How a worker is started.
package struct WorkerOptions: Sendable {
    package var endpoint: String
    /// The worker's place among the workers of the run, from 0; nil if the coordinator gives it one.
    package var rank: Int?
    /// What admits the worker to the run.
    package var pass: WorkerPass
    /// A descriptor whose end of stream means that the coordinator is gone.
    package var lifeline: Int32?
    /// Memory that the worker shares with the coordinator.
    package var memory: WorkerMemory
    /// The process that started this one; the worker ends with it.
    package var parent: Int32?
    package var threads: Int
    package var credit: Int
    /// Processors to pin to; empty for none.
    package var processors: [Int]
    package var fault: InjectedFault?
    /// Whether other workers are in its process; none of them computes then.
    package var sharesProcess = false
    /// The signals that the worker answers itself, if another program started it: no lifeline and no
    /// parent end it then, but the end of its connection does.
    package var interruption: Interruption?

    package init(
        endpoint: String,
        rank: Int?,
        pass: WorkerPass,
        lifeline: Int32? = nil,
        memory: WorkerMemory = WorkerMemory(),
        parent: Int32? = nil,
        threads: Int = 1,
        credit: Int = 2,
        processors: [Int] = [],
        fault: InjectedFault? = nil,
        interruption: Interruption? = nil
    ) {
        self.endpoint = endpoint
        self.rank = rank
        self.pass = pass
        self.lifeline = lifeline
        self.memory = memory
        self.parent = parent
        self.threads = threads
        self.credit = credit
        self.processors = processors
        self.fault = fault
        self.interruption = interruption
    }

    /// Whether the worker ends when its connection does.
    ///
    /// It could not join again. One with a key could, after a link was cut.
    var endsWithConnection: Bool {
        if case .token = pass { interruption != nil } else { false }
    }

    /// Whether it pings the coordinator, since a cut link shows by nothing else.
    var pingsCoordinator: Bool { lifeline == nil && !endsWithConnection }

    /// What a worker that another program started knows from its join folder.
    ///
    /// `rank` is nil where nothing names one. Throws where the folder cannot be read, or others can.
    package init(
        joining folder: String,
        rank: Int?,
        processors: [Int],
        interruption: Interruption
    ) throws(RunError) {
        guard let document = JoinDocument(json: try SocketFolder.readJoin(folder)),
            let token = RunToken(hexadecimal: document.token)
        else {
            throw RunError(
                .environment,
                "the join folder \(folder) does not hold what a run of this version writes; use the "
                    + "folder that the run named, and one build on all machines"
            )
        }
        self.init(
            endpoint: document.endpoint,
            rank: rank,
            pass: .token(token),
            threads: document.threads,
            credit: document.credit,
            processors: processors,
            interruption: interruption
        )
    }

    /// Reads the token that a local coordinator writes first on the lifeline.
    package static func token(from descriptor: Int32) throws(RunError) -> RunToken {
        let bytes: [UInt8]
        do throws(RunError) {
            bytes = try System.read(32, from: descriptor)
        } catch {
            throw RunError(
                .environment,
                "--token-descriptor \(descriptor) holds no token (\(error)); let 'headwise run' "
                    + "start the workers"
            )
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let token = RunToken(hexadecimal: text) else {
            throw RunError(
                .environment,
                "descriptor \(descriptor) holds \(bytes.count) bytes instead of the run's token of "
                    + "32 hexadecimal digits; let 'headwise run' start the workers"
            )
        }
        return token
    }
}
