import Attention
import Timing

/// The roofs of one core, measured with the probes of the kernel that is judged by them.
package final class KernelRoofs {
    package let kernel: AttentionKernel
    /// The most that any probe of one thread has shown: what the machine can do at least.
    package private(set) var highestFMAGigaflopsPerSecond = 0.0
    /// The same of reading, by the number of threads.
    private var highestReads: [Int: Double] = [:]
    /// Made when it is first read: a kernel in the caches is judged by its multiply-adds alone.
    private var memory: Slab?
    /// Keeps the compiler from dropping what the probes compute.
    private var sink: Float = 0

    /// More than the caches of any machine of today hold.
    private static let readBytes = 256 << 20
    private static let fmaIterations = 600_000

    package init(_ kernel: AttentionKernel) {
        self.kernel = kernel
    }

    /// As long as the roofs live.
    private func readableFloats() throws(ClusterError) -> UnsafePointer<Float> {
        if memory == nil { memory = Slab(byteCount: Self.readBytes) }
        guard let floats = unsafe memory?.floats else {
            throw ClusterError(
                .environment,
                "measuring the read bandwidth needs \(Self.readBytes >> 20) MiB of memory; free some"
            )
        }
        return unsafe UnsafePointer(floats)
    }

    /// How fast one thread multiplies, in one to four milliseconds.
    package func fmaGigaflopsPerSecond() -> Double {
        let start = Clock.nanoseconds
        let work = kernel.fmaChains(iterations: Self.fmaIterations)
        sink += work.sink
        let rate = work.flops / Double(Clock.nanoseconds - start)
        highestFMAGigaflopsPerSecond = max(highestFMAGigaflopsPerSecond, rate)
        return rate
    }

    /// How fast so many threads read memory that no cache holds, each its part of it.
    package func readGigabytesPerSecond(threads: Int) throws(ClusterError) -> Double {
        let part = Self.readBytes / 4 / threads
        let floats = unsafe SharedFloats(base: try readableFloats())
        let kernel = kernel
        let start = Clock.nanoseconds
        var others: [PlainThread] = []
        for index in 1..<threads {
            let thread = try PlainThread {
                _ = unsafe kernel.sumFloats(floats.base + index * part, count: part)
            }
            others.append(thread)
        }
        sink += unsafe kernel.sumFloats(floats.base, count: part)
        for thread in others { thread.join() }
        let rate = Double(part * threads * 4) / Double(Clock.nanoseconds - start)
        highestReads[threads] = max(highestReads[threads] ?? 0, rate)
        return rate
    }

    /// The most that so many threads have read together; 0 before they have.
    package func highestReadGigabytesPerSecond(threads: Int) -> Double {
        highestReads[threads] ?? 0
    }

    /// The FMA peak alone, in GFLOP/s: the best of several rounds, some tens of milliseconds.
    package static func fmaGigaflopsPerSecond(
        _ kernel: AttentionKernel,
        rounds: Int = 10
    ) -> Double {
        let roofs = KernelRoofs(kernel)
        return (0..<rounds).reduce(0) { best, _ in max(best, roofs.fmaGigaflopsPerSecond()) }
    }

    /// Both roofs, the best of several rounds.
    package static func measure(
        _ kernel: AttentionKernel,
        rounds: Int = 10,
        interruption: Interruption
    ) throws(ClusterError) -> RoofMeasurement {
        let roofs = KernelRoofs(kernel)
        var best = RoofMeasurement(
            fmaGigaflopsPerSecond: 0,
            readGigabytesPerSecond: 0,
            instructionSet: kernel.instructionSet.rawValue
        )
        for round in 0...rounds {
            try interruption.check()
            let multiplying = roofs.fmaGigaflopsPerSecond()
            let reading = try roofs.readGigabytesPerSecond(threads: 1)
            // The first round only warms up.
            guard round > 0 else { continue }
            best.fmaGigaflopsPerSecond = max(best.fmaGigaflopsPerSecond, multiplying)
            best.readGigabytesPerSecond = max(best.readGigabytesPerSecond, reading)
        }
        return best
    }
}

/// Numbers that several threads read at once.
///
/// `@unchecked Sendable`: nobody writes them, and the threads end before the memory does.
@unsafe
private struct SharedFloats: @unchecked Sendable {
    let base: UnsafePointer<Float>
}
