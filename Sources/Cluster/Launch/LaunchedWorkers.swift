import Platform
import Work

/// The workers that a launcher has started, and the programs that start them, if these are not ours.
///
/// Nothing that such a program says is needed: it may end before its workers, or after them, with any
/// code. Only while workers are still to come, and it has failed, nobody needs to wait for them.
///
/// A class, since its end must end the programs once.
final class LaunchedWorkers {
    /// One for each seat, in the order of the seats.
    let workers: [any LaunchedWorker]
    /// What somebody has to do so that the workers come; nil where nobody has to.
    let request: String?
    /// Why some may not have been started, as a part of a sentence; nil where nothing is known.
    let doubt: String?
    private let commands: [Command]

    /// A program that starts workers.
    struct Command {
        let words: [String]
        let process: HeardProcess
        let ranks: Range<Int>
    }

    /// How long workers may still come after a program that was to start them has failed: its end may be
    /// seen before their HELLO.
    static let grace = Duration.seconds(1)
    /// How long a program may take to end after its workers were told to, and then after SIGTERM.
    ///
    /// `mpirun` needs three seconds to end workers that do not end by themselves.
    private static let patienceMilliseconds: Int32 = 2000
    private static let terminationMilliseconds: Int32 = 4000

    init(
        _ workers: [any LaunchedWorker],
        request: String? = nil,
        doubt: String? = nil,
        _ commands: [Command] = []
    ) {
        self.workers = workers
        self.request = request
        self.doubt = doubt
        self.commands = commands
    }

    deinit { end() }

    /// What the loop has to wait for, beside the ends of the workers.
    var descriptors: [Int32] {
        commands.flatMap { [$0.process.exitDescriptor, $0.process.stream].compactMap { $0 } }
    }

    /// Takes what a program has printed, or that it has ended; false if the descriptor shows neither.
    ///
    /// When nothing more can come, `forget` is called.
    func take(_ descriptor: Int32, forget: (Int32) -> Void) -> Bool {
        for command in commands {
            if command.process.stream == descriptor {
                if !command.process.hear() { forget(descriptor) }
                return true
            }
            if command.process.exitDescriptor == descriptor {
                command.process.hear()
                forget(descriptor)
                return true
            }
        }
        return false
    }

    /// Whether programs have failed that were to start all of these workers.
    func haveFailed(toStart ranks: [Int]) -> Bool {
        !commands.isEmpty
            && ranks.allSatisfy { rank in
                commands.contains { $0.ranks.contains(rank) && $0.hasFailed }
            }
    }

    /// Whether one of those that failed did so by itself; others were killed.
    func wereUnable(toStart ranks: [Int]) -> Bool {
        commands.contains { command in
            command.hasFailed && command.endedByItself
                && ranks.contains(where: command.ranks.contains)
        }
    }

    /// What the programs say about themselves that were to start these workers, as a part of a sentence;
    /// nil if there are none.
    func account(of ranks: [Int]) -> String? {
        let concerned = commands.filter { command in ranks.contains(where: command.ranks.contains) }
        let told = concerned.first(where: \.hasFailed) ?? concerned.first
        return told.map(\.account)
    }

    /// Ends the programs; they should end by themselves, since their workers have been told to.
    func end() {
        HeardProcess.end(
            commands.map(\.process),
            withinMilliseconds: Self.patienceMilliseconds,
            thenMilliseconds: Self.terminationMilliseconds
        )
    }
}

extension LaunchedWorkers.Command {
    /// The most of what a program has printed that a sentence repeats.
    private static let mostLetters = 500

    /// Whether the program has ended with an error.
    var hasFailed: Bool { process.ending.map { $0 != .exited(code: 0) } ?? false }

    var endedByItself: Bool { if case .exited = process.ending { true } else { false } }

    /// What became of the program, and its last words.
    var account: String {
        let fate =
            switch process.ending {
            case nil: "still runs"
            case .exited(let code): "ended with code \(code)"
            case .signalled(let number): "was ended by signal \(number)"
            case .unknown: "ended in an unknown way"
            }
        // What a worker says of its rank is no news.
        let lines = process.lines.filter { !$0.contains("headwise: worker: rank") }
        let said = lines.suffix(3).joined(separator: " / ")
        let text = LaunchedWorkers.text(words)
        return "'\(text)' \(fate)"
            + (said.isEmpty ? " and said nothing" : ": \(said.suffix(Self.mostLetters))")
    }
}

extension LaunchedWorkers {
    /// The command as a shell would read it.
    static func text(_ words: [String]) -> String {
        words.map(LaunchTemplate.quoted).joined(separator: " ")
    }
}
