import Attention
import Host
import Platform

/// The roofs of one core, measured with the probes of the same kernel.
package final class KernelRoofs {
    package let kernel: AttentionKernel
    /// The highest value of any one-thread probe.
    private var highestFMA = 0.0
    /// The highest value of any reading probe, by the number of threads.
    private var highestReads: [Int: Double] = [:]
    /// What the reading probe reads.
    ///
    /// Allocated when first used: kernels whose tensors fit in the caches are compared with the FMA
    /// roof only.
    private var memory: Slab?
    /// The highest number of tanh per nanosecond.
    private var highestTanh = 0.0
    /// Keeps the compiler from removing the probes' computations.
    private var sink: Float = 0

    /// What so many threads read together: some milliseconds of reading for each, where the caches can be emptied
    /// of it first; else four times what the caches hold that they have.
    ///
    /// A virtual machine of two processors may see 260 MiB of cache, and four times that took seconds to map.
    /// Emptied caches show the same rate within 3 % from 16 MiB to 1 GiB there.
    private static func readBytes(threads: Int) -> Int {
        if ProcessorCaches.canBeEmptied { return max(32 << 20, threads * 16 << 20) }
        guard let (byteCount, count) = lastCache else { return 256 << 20 }
        return min(max(4 * byteCount, 128 << 20) * min(threads, count), 2 << 30)
    }
    private static let lastCache = CPUTopology.lastCache(files: .live)
    private static let fmaIterations = 600_000

    package init(_ kernel: AttentionKernel) {
        self.kernel = kernel
    }

    /// As many bytes of memory as the probes read; valid until more are wanted.
    private func readableFloats(_ byteCount: Int) throws(RunError) -> UnsafePointer<Float> {
        if memory?.byteCount ?? 0 < byteCount { memory = try Self.makeMemory(byteCount) }
        guard let floats = unsafe memory?.floats else {
            preconditionFailure("there is memory to read")
        }
        return unsafe UnsafePointer(floats)
    }

    private static func makeMemory(_ byteCount: Int) throws(RunError) -> Slab {
        // With what a mapping costs beside its pages.
        try MemoryRoom.require(byteCount + byteCount / 64, for: "measuring the read bandwidth")
        guard let slab = Slab(byteCount: byteCount) else {
            throw RunError(
                .environment,
                "measuring the read bandwidth needs \(byteCount >> 20) MiB of memory; free some"
            )
        }
        return slab
    }

    /// Measures how fast one thread does multiply-adds, in one to four milliseconds.
    package func fmaGigaflopsPerSecond() -> Double {
        let start = Clock.nanoseconds
        let work = kernel.fmaChains(iterations: Self.fmaIterations)
        sink += work.sink
        let rate = work.flops / Double(Clock.nanoseconds - start)
        highestFMA = max(highestFMA, rate)
        return rate
    }

    /// Measures how many tanh one thread computes per nanosecond, in about a millisecond.
    package func tanhPerNanosecond() throws(RunError) -> Double {
        let count = 4096
        guard let numbers = Slab(byteCount: 8 * count) else {
            throw RunError(.environment, "measuring tanh needs 32 KiB of memory; free some")
        }
        let (source, target) = unsafe (numbers.floats, numbers.floats + count)
        // From −4 to 4, where tanh takes both of its ways.
        for index in 0..<count { unsafe source[index] = Float(index - count / 2) / 512 }
        let start = Clock.nanoseconds
        for _ in 0..<500 { unsafe kernel.tanh(source, into: target, count: count) }
        let rate = Double(500 * count) / Double(Clock.nanoseconds - start)
        sink += unsafe target[count - 1]
        highestTanh = max(highestTanh, rate)
        return rate
    }

    /// The highest value of any probe of tanh, for this number of threads.
    package func highestTanhPerNanosecond(threads: Int) -> Double { highestTanh * Double(threads) }

    /// Measures how fast `threads` threads read memory that no cache holds, each a part of it: in gigabytes (10⁹
    /// bytes) a second.
    package func readGigabytesPerSecond(threads: Int) throws(RunError) -> Double {
        let byteCount = Self.readBytes(threads: threads)
        let part = byteCount / 4 / threads
        let floats = unsafe SharedFloats(base: try readableFloats(byteCount))
        if ProcessorCaches.canBeEmptied {
            unsafe ProcessorCaches.empty(of: floats.base, count: byteCount)
        }
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

    /// What the machine can do at least with this number of threads, by the best one-thread probe.
    package func highestFMAGigaflopsPerSecond(threads: Int) -> Double {
        highestFMA * Double(threads)
    }

    /// The highest value for this number of threads reading together; 0 before the first probe.
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

    /// Both roofs, the best of several rounds: at most so many, and fewer once several in a row have found
    /// nothing better.
    package static func measure(
        _ kernel: AttentionKernel,
        rounds: Int = 10,
        interruption: Interruption
    ) throws(RunError) -> RoofMeasurement {
        let roofs = KernelRoofs(kernel)
        var best = RoofMeasurement(
            fmaGigaflopsPerSecond: 0,
            readGigabytesPerSecond: 0,
            instructionSet: kernel.instructionSet.rawValue
        )
        var roundsWithoutGain = 0
        for round in 0...rounds where roundsWithoutGain < enoughRoundsWithoutGain {
            try interruption.check()
            let multiplying = roofs.fmaGigaflopsPerSecond()
            let reading = try roofs.readGigabytesPerSecond(threads: 1)
            // The first round only warms up.
            guard round > 0 else { continue }
            let isBetter =
                multiplying > leastGain * best.fmaGigaflopsPerSecond
                || reading > leastGain * best.readGigabytesPerSecond
            roundsWithoutGain = isBetter ? 0 : roundsWithoutGain + 1
            best.fmaGigaflopsPerSecond = max(best.fmaGigaflopsPerSecond, multiplying)
            best.readGigabytesPerSecond = max(best.readGigabytesPerSecond, reading)
        }
        return best
    }

    private static let enoughRoundsWithoutGain = 3
    private static let leastGain = 1.005
}

/// Numbers that several threads read at once.
///
/// `@unchecked Sendable`: no thread writes them, and the threads end before the memory is freed.
@unsafe
private struct SharedFloats: @unchecked Sendable {
    let base: UnsafePointer<Float>
}
