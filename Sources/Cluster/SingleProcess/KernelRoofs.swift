import Attention
import Timing

/// The roofs of one core, measured with the probes of the kernel that is judged by them.
package struct KernelRoofs: ~Copyable {
    private let kernel: AttentionKernel
    private let memory: Slab
    /// Keeps the compiler from dropping what the probes compute.
    private var sink: Float = 0

    /// More than the caches of any machine of today hold.
    private static let readBytes = 256 << 20
    private static let fmaIterations = 600_000

    package init(_ kernel: AttentionKernel) throws(ClusterError) {
        guard let memory = Slab(byteCount: Self.readBytes) else {
            throw ClusterError(
                .environment,
                "measuring the read bandwidth needs \(Self.readBytes >> 20) MiB of memory; free some"
            )
        }
        self.kernel = kernel
        self.memory = memory
    }

    /// Multiplies for one to four milliseconds; the operations done.
    package mutating func runFMAProbe() -> Double {
        let work = kernel.fmaChains(iterations: Self.fmaIterations)
        sink += work.sink
        return work.flops
    }

    /// Reads memory that no cache holds; the bytes read.
    package mutating func runReadProbe() -> Double {
        sink += unsafe kernel.sumFloats(memory.floats, count: memory.byteCount / 4)
        return Double(memory.byteCount)
    }

    /// How fast so many threads read memory that no cache holds, each its part of it.
    package mutating func readGigabytesPerSecond(threads: Int) throws(ClusterError) -> Double {
        let part = memory.byteCount / 4 / threads
        let floats = unsafe SharedFloats(base: UnsafePointer(memory.floats))
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
        return Double(part * threads * 4) / Double(Clock.nanoseconds - start)
    }

    /// The FMA peak alone, in GFLOP/s: the best of several rounds, some tens of milliseconds.
    package static func fmaGigaflopsPerSecond(
        _ kernel: AttentionKernel,
        rounds: Int = 10
    ) -> Double {
        (0..<rounds).reduce(0) { best, _ in
            let start = Clock.nanoseconds
            let flops = kernel.fmaChains(iterations: fmaIterations).flops
            return max(best, flops / Double(Clock.nanoseconds - start))
        }
    }

    /// Both roofs, the best of several rounds.
    package static func measure(
        _ kernel: AttentionKernel,
        rounds: Int = 10,
        interruption: Interruption
    ) throws(ClusterError) -> RoofMeasurement {
        var roofs = try KernelRoofs(kernel)
        var best = RoofMeasurement(
            fmaGigaflopsPerSecond: 0,
            readGigabytesPerSecond: 0,
            instructionSet: kernel.instructionSet.rawValue
        )
        for round in 0...rounds {
            try interruption.check()
            let start = Clock.nanoseconds
            let flops = roofs.runFMAProbe()
            let middle = Clock.nanoseconds
            let bytes = roofs.runReadProbe()
            let end = Clock.nanoseconds
            // The first round only warms up.
            guard round > 0 else { continue }
            best.fmaGigaflopsPerSecond = max(
                best.fmaGigaflopsPerSecond,
                flops / Double(middle - start)
            )
            best.readGigabytesPerSecond = max(
                best.readGigabytesPerSecond,
                bytes / Double(end - middle)
            )
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
