/// The input tensors of a problem, whole and owned, and memory for the outputs of its earlier stages.
package struct AttentionInputs: ~Copyable {
    package let problem: AttentionProblem
    /// By the numbers of the tensors; a tensor that the problem does not have is an empty slab.
    private let slabs: InlineArray<27, Slab>

    /// Zeroed inputs, for a reader to fill; `areTouched` is as for `Slab`.
    package init(
        _ problem: AttentionProblem,
        areTouched: Bool = true
    ) throws(AttentionError) {
        try problem.validate()
        let slabs = try InlineArray<27, Slab> { index throws(AttentionError) in
            let tensor = TensorName.allCases[index]
            return try Self.slab(
                tensor,
                byteCount: tensor == .output ? 0 : problem.byteCount(of: tensor),
                isTouched: areTouched
            )
        }
        self.problem = problem
        self.slabs = slabs
    }

    /// Generated inputs; valid lengths that are not given are generated, too.
    package init(
        _ generator: InputGenerator,
        lengths givenLengths: [Int32]? = nil
    ) throws(AttentionError) {
        let inputs = try Self(generator.problem)
        try inputs.generate(generator, lengths: givenLengths)
        self = inputs
    }

    /// Fills the tensors again, from a generator of the same problem.
    package func generate(
        _ generator: InputGenerator,
        lengths givenLengths: [Int32]? = nil
    ) throws(AttentionError) {
        if problem.mask.lengths != .none {
            let values = givenLengths ?? generator.lengths()
            try problem.validateLengths(values)
            let destination = unsafe slabBase(.lengths).assumingMemoryBound(to: Int32.self)
            for (index, length) in values.enumerated() { unsafe destination[index] = length }
        }
        unsafe generator.fillVisibility(
            elements: 0..<problem.byteCount(of: .visibility),
            into: slabBase(.visibility).assumingMemoryBound(to: UInt8.self)
        )
        let rows = unsafe RowVisibility(problem, view)
        try generator.checkCounts(rows)
        generateFloats(generator, rows)
    }

    /// Fills the tensors of floats.
    ///
    /// Lengths and mask are already filled in; `rows` describes both.
    package func generateFloats(_ generator: InputGenerator, _ rows: RowVisibility) {
        for tensor in TensorName.floats {
            unsafe generator.fill(
                tensor,
                parts: 0..<problem.partCount(of: tensor),
                into: slabBase(tensor).assumingMemoryBound(to: Float.self),
                rows: rows
            )
        }
    }

    /// The memory of a tensor, valid as long as these inputs live; empty when the problem has no
    /// such tensor.
    @unsafe
    package func bytes(of tensor: TensorName) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: slabBase(tensor),
            count: problem.byteCount(of: tensor)
        )
    }

    /// A view of all tensors, valid as long as these inputs live.
    @unsafe package var view: InputView {
        unsafe InputView { tensor in
            problem.partCount(of: tensor) == 0 ? nil : unsafe UnsafeRawPointer(slabBase(tensor))
        }
    }

    /// A new slab; the error names the tensor and the bytes that it needed.
    package static func slab(
        _ tensor: TensorName,
        byteCount: Int,
        isTouched: Bool = true
    ) throws(AttentionError) -> Slab {
        guard let slab = Slab(byteCount: byteCount, isTouched: isTouched) else {
            throw .outOfMemory(tensor: tensor, byteCount: byteCount)
        }
        return slab
    }

    private func slabBase(_ tensor: TensorName) -> UnsafeMutableRawPointer {
        precondition(tensor != .output, "the output is not one of the inputs")
        return unsafe slabs[tensor.rawValue].base
    }
}
