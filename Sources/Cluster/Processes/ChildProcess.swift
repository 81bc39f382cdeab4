import Glibc

/// One process of ours on this machine and the two descriptors that tie it to us.
///
/// The exit descriptor (a pidfd) becomes readable when the process ends, in 1–2 ms. The lifeline is
/// the write end of a pipe that the process reads: first the run's token, then the end of the
/// stream, which comes when this process closes it or dies in any way.
///
/// A class, since arrays hold it and its end must kill and reap exactly once.
final class ChildProcess {
    let processIdentifier: Int32
    let exitDescriptor: Int32
    private var lifeline: Int32?
    private var status: ExitStatus?

    /// Starts the process and hands it `token` over the lifeline, its descriptor 3.
    ///
    /// It reads and writes the given descriptors, or nothing.
    init(
        executable: String,
        arguments: [String],
        token: String,
        standardInput: Int32? = nil,
        standardOutput: Int32? = nil
    ) throws(ClusterError) {
        let (readEnd, writeEnd) = try System.pipe()
        defer { System.close(readEnd) }
        do {
            try System.write(Array(token.utf8), to: writeEnd)
            processIdentifier = try System.spawn(
                executable: executable,
                arguments: arguments,
                inherited: readEnd,
                standardInput: standardInput,
                standardOutput: standardOutput
            )
        } catch {
            System.close(writeEnd)
            throw error
        }
        lifeline = writeEnd
        do {
            exitDescriptor = try System.exitDescriptor(of: processIdentifier)
        } catch {
            System.close(writeEnd)
            System.send(signal: SIGKILL, to: processIdentifier)
            _ = System.reap(processIdentifier)
            throw error
        }
    }

    deinit {
        kill()
        System.close(exitDescriptor)
        closeLifeline()
    }

    var hasEnded: Bool { status != nil }

    /// Waits for a process that has ended or is about to; how it ended.
    @discardableResult
    func reap() -> ExitStatus {
        if let status { return status }
        let ended = System.reap(processIdentifier)
        status = ended
        return ended
    }

    /// How the process ended, if it has or is about to: its connections go a moment before it does.
    func endingIfAny() -> ExitStatus? {
        if let status { return status }
        return System.isReadable(exitDescriptor, withinMilliseconds: 50) ? reap() : nil
    }

    /// Lets the process end itself, and ends it when it does not do so in time.
    func end(withinMilliseconds limit: Int32) {
        guard status == nil else { return }
        closeLifeline()
        if System.isReadable(exitDescriptor, withinMilliseconds: limit) { reap() } else { kill() }
    }

    private func closeLifeline() {
        if let lifeline { System.close(lifeline) }
        lifeline = nil
    }

    /// Ends the process at once, whatever state it is in, and waits until it is gone.
    func kill() {
        guard status == nil else { return }
        System.send(signal: SIGKILL, to: processIdentifier)
        reap()
    }
}
