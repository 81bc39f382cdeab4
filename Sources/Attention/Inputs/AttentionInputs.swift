/// The input tensors of a problem, whole and owned.
package struct AttentionInputs: ~Copyable {
    package let problem: AttentionProblem
    // A tensor that the mask does not have is an empty slab.
    private let query: Slab
    private let key: Slab
    private let value: Slab
    private let lengths: Slab
    private let visibility: Slab

    /// Zeroed inputs, for a reader to fill; `areTouched` is as for `Slab`.
    package init(
        _ problem: AttentionProblem,
        areTouched: Bool = true
    ) throws(AttentionError) {
        try problem.validate()
        func slab(_ tensor: TensorName) throws(AttentionError) -> Slab {
            try Self.slab(
                tensor,
                byteCount: problem.byteCount(of: tensor),
                isTouched: areTouched
            )
        }
        // These are locals: if one throws, `self` is not left half initialized.
        let query = try slab(.query)
        let key = try slab(.key)
        let value = try slab(.value)
        let lengths = try slab(.lengths)
        let visibility = try slab(.visibility)
        self.problem = problem
        self.query = query
        self.key = key
        self.value = value
        self.lengths = lengths
        self.visibility = visibility
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
            let destination = unsafe lengths.base.assumingMemoryBound(to: Int32.self)
            for (index, length) in values.enumerated() { unsafe destination[index] = length }
        }
        unsafe generator.fillVisibility(
            elements: 0..<problem.byteCount(of: .visibility),
            into: visibility.base.assumingMemoryBound(to: UInt8.self)
        )
        let rows = unsafe RowVisibility(problem, view)
        try generator.checkCounts(rows)
        for tensor in [TensorName.query, .key, .value] {
            unsafe generator.fill(
                tensor,
                parts: 0..<problem.partCount(of: tensor),
                into: slabBase(tensor).assumingMemoryBound(to: Float.self),
                rows: rows
            )
        }
    }

    /// The memory of a tensor, valid as long as these inputs live; empty when the mask has no
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
        unsafe InputView(
            query: UnsafePointer(query.floats),
            key: UnsafePointer(key.floats),
            value: UnsafePointer(value.floats),
            lengths: problem.mask.lengths == .none
                ? nil : UnsafePointer(lengths.base.assumingMemoryBound(to: Int32.self)),
            visibility: problem.mask.visibility == .none
                ? nil : UnsafePointer(visibility.base.assumingMemoryBound(to: UInt8.self))
        )
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
        switch tensor {
        case .query: unsafe query.base
        case .key: unsafe key.base
        case .value: unsafe value.base
        case .lengths: unsafe lengths.base
        case .visibility: unsafe visibility.base
        case .output: preconditionFailure("the output is not one of the inputs")
        }
    }
}
