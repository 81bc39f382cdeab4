import Glibc

/// One process of ours on this machine and the two descriptors that tie it to us.
///
/// The exit descriptor becomes readable when the process ends. The lifeline is one end of a socket
/// pair. The process reads from the other end: first the run's token, then the end of the stream,
/// which comes when this process closes it or dies in any way. It may write there why it ends.
///
/// A class, since arrays hold it and its end must kill and reap exactly once.
package final class ChildProcess {
    private var process: SpawnedProcess
    private var lifeline: Int32?
    /// How often memory had run out before it started.
    private let earlierMemoryKills = MemoryKills.count(files: .live)

    package static let firstMemoryDescriptor: Int32 = 4

    /// Starts the process and hands it `token` over the lifeline, its descriptor 3.
    ///
    /// The process reads and writes the given descriptors, or nothing. Shared memory becomes its
    /// descriptors from 4 on. If it `leadsGroup`, all processes that it has started end with it.
    package init(
        executable: String,
        arguments: [String],
        token: String,
        standardInput: Int32? = nil,
        standardOutput: Int32? = nil,
        memory: [Int32] = [],
        leadsGroup: Bool = false
    ) throws(RunError) {
        let (own, other) = try System.socketPair()
        defer { System.close(other) }
        do {
            try System.write(Array(token.utf8), to: own)
            var descriptors: [Int32: Int32] = [3: other]
            descriptors[0] = standardInput
            descriptors[1] = standardOutput
            for (index, descriptor) in memory.enumerated() {
                descriptors[Self.firstMemoryDescriptor + Int32(index)] = descriptor
            }
            process = try RunError.environment { () throws(SystemError) in
                try SpawnedProcess(
                    executable: executable,
                    arguments: arguments,
                    descriptors: descriptors,
                    leadsGroup: leadsGroup
                )
            }
        } catch {
            System.close(own)
            throw error
        }
        lifeline = own
    }

    deinit {
        closeLifeline()
    }

    package var processIdentifier: Int32 { process.processIdentifier }
    package var exitDescriptor: Int32 { process.exitDescriptor }

    /// Whether it is known how the process ended.
    package var isReaped: Bool { process.status != nil }

    /// Waits for a process that has ended or is about to end, and returns how it ended.
    @discardableResult
    package func reap() -> ExitStatus { process.reap() }

    /// Why the process ended, if it wrote that to its lifeline, or if memory ran out; asked for once it
    /// has ended.
    package var lastWords: String? {
        guard let lifeline else { return nil }
        let bytes = System.receiveAvailable(ParentProcess.longestWords, from: lifeline)
        guard bytes.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
        guard process.reap() == .signalled(SIGKILL), let before = earlierMemoryKills,
            let kills = MemoryKills.count(files: .live), kills > before
        else { return nil }
        return "the memory limit of the control group was reached"
    }

    /// How the process ended, if it has ended or is about to end: its connections close a moment
    /// before it ends.
    package func endingIfAny() -> ExitStatus? {
        process.ends(withinMilliseconds: 50) ? process.reap() : nil
    }

    /// Lets the process end by itself, and kills it if it takes longer than `limit`.
    ///
    /// SIGTERM is for programs that do not watch a lifeline; our own programs ignore it.
    package func end(withinMilliseconds limit: Int32) {
        closeLifeline()
        process.terminate()
        if process.ends(withinMilliseconds: limit) { process.reap() } else { process.kill() }
    }

    /// Ends the process at once, whatever state it is in, and waits until it is gone.
    package func kill() { process.kill() }

    private func closeLifeline() {
        if let lifeline { System.close(lifeline) }
        lifeline = nil
    }
}
