import Platform

/// A team of plain threads that computes attention and products; its caller is one of them.
///
/// The work is cut into pieces, such as a few query blocks, which the threads take from a counter
/// until none is left. A row's bits do not depend on its piece, so any number of threads gives the
/// same output. Between calls the threads sleep; scratch memory is made once. It is a class,
/// because its `deinit` ends the threads.
package final class ThreadTeam {
    private let crew: ThreadCrew
    private let workspace: KernelWorkspace
    /// Scratch memory of the layer that was computed last.
    let layerScratch = LayerScratchStore()

    /// Starts `threadCount - 1` threads.
    ///
    /// With `cpus`, thread i is pinned to the i-th CPU of the list, and the list repeats after its
    /// end. Thread 0 is the thread that calls this and later `forward`. Once `cancellation` is
    /// cancelled, `forward` returns without finishing. If `isTimed`, `forward` returns how much
    /// core time its threads got, which costs every thread a microsecond.
    package init(
        threadCount: Int,
        cpus: [Int]? = nil,
        cancellation: Cancellation? = nil,
        isTimed: Bool = false
    ) {
        precondition(threadCount >= 1, "a team must have at least its caller")
        precondition(cpus?.isEmpty != true, "a list of CPUs must have at least one")
        guard let workspace = KernelWorkspace() else {
            preconditionFailure("no memory for half a megabyte of scratch space")
        }
        self.workspace = workspace
        crew = ThreadCrew(cancellation: cancellation, isTimed: isTimed)
        for index in 0..<threadCount - 1 {
            guard crew.start(cpu: cpus.map { $0[(index + 1) % $0.count] }) else { break }
        }
        crew.waitUntilStarted()
        if let cpus { _ = ThreadCrew.pinCurrentThread(to: cpus[0]) }
    }

    deinit { crew.stop() }

    /// The number of computing threads, the caller included.
    ///
    /// It is smaller than requested when the system could not start more threads.
    package var threadCount: Int { crew.memberCount + 1 }

    /// Counts the query blocks finished since the team was made.
    ///
    /// Any thread may read it at any time, even after the team has ended.
    package var progressCounter: ProgressCounter { crew.counter }

    /// Computes `rows` of `slices`; returns when all of it is written.
    ///
    /// The parameters are those of `AttentionKernel.forward`. One thread at a time may call it.
    @unsafe
    @discardableResult
    package func forward(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int
    ) -> TeamTimes {
        let work = unsafe AttentionWork(
            kernel: kernel,
            problem: problem,
            inputs: inputs,
            slices: slices,
            rows: rows,
            output: output,
            outputSliceStride: outputSliceStride,
            threadCount: threadCount
        )
        let times = unsafe run(work)
        unsafe finish(work)
        return times
    }

    @unsafe
    func finish(_ work: AttentionWork) { unsafe work.finish(workspace: workspace) }

    /// Computes all pieces of some work.
    @unsafe
    func run(_ work: any ThreadWork) -> TeamTimes {
        unsafe crew.run(work, workspace: workspace)
    }
}
