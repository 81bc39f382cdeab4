/// One thread's scratch memory for the kernels.
///
/// It is made once, for any problem and any kernel that this processor supports.
@safe
package struct KernelWorkspace: ~Copyable {
    /// The number of query rows whose bounds fit; a call for more rows is cut into pieces.
    static let rowCapacity = 512

    /// The numbers of the largest rows of a decode call.
    private static let gatheredNumbers =
        AttentionKernel.decodeRows * AttentionKernel.maximumDimension

    private let slab: Slab
    let scores = ScoreScratch()
    let products = ProductScratch()
    let ranges = KeyRangeStore(rowCapacity: KernelWorkspace.rowCapacity)
    private let kernelBytes: Int

    /// Returns nil when the system has no memory left.
    package init?() {
        let kernels = InstructionSet.available.compactMap { AttentionKernel($0) }
        let kernelBytes = kernels.map(\.table.workspaceBytes).max() ?? 0
        let bytes =
            kernelBytes + 8 + Self.rowCapacity * 24 + AttentionKernel.maximumDimension * 8
            + 2 * Self.gatheredNumbers * 4
        guard let slab = Slab(byteCount: bytes) else { return nil }
        self.slab = slab
        // The next parts hold integers and doubles, so they need alignment.
        self.kernelBytes = (kernelBytes + 7) / 8 * 8
    }

    @unsafe var kernel: UnsafeMutableRawPointer { unsafe slab.base }

    @unsafe var starts: UnsafeMutablePointer<Int32> {
        unsafe (slab.base + kernelBytes).assumingMemoryBound(to: Int32.self)
    }

    @unsafe var ends: UnsafeMutablePointer<Int32> { unsafe starts + Self.rowCapacity }

    /// The distance of the nearest key that each row sees.
    @unsafe var nearest: UnsafeMutablePointer<Int32> { unsafe ends + Self.rowCapacity }

    /// The slope and the position of each row.
    @unsafe var slopes: UnsafeMutablePointer<Float> {
        unsafe UnsafeMutableRawPointer(mean + AttentionKernel.maximumDimension)
            .assumingMemoryBound(to: Float.self)
    }

    @unsafe var positions: UnsafeMutablePointer<Int32> {
        unsafe UnsafeMutableRawPointer(slopes + Self.rowCapacity)
            .assumingMemoryBound(to: Int32.self)
    }

    /// The sink of each row, in the unit of its scores.
    @unsafe var sinks: UnsafeMutablePointer<Float> {
        unsafe UnsafeMutableRawPointer(positions + Self.rowCapacity)
            .assumingMemoryBound(to: Float.self)
    }

    /// The queries of a step of several slices, beside each other.
    @unsafe var gatheredQueries: UnsafeMutablePointer<Float> { unsafe sinks + Self.rowCapacity }

    /// Their output.
    @unsafe var gatheredOutputs: UnsafeMutablePointer<Float> {
        unsafe gatheredQueries + Self.gatheredNumbers
    }

    /// The mean of all values of a slice, `[Dv]`.
    @unsafe var mean: UnsafeMutablePointer<Double> {
        unsafe UnsafeMutableRawPointer(nearest + Self.rowCapacity)
            .assumingMemoryBound(to: Double.self)
    }
}
