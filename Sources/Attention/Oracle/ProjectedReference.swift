/// The projected keys and values of Linformer by their definition: E·K and F·V, one number at a time.
///
/// In float64 for the truth, in f32 for the yardstick. It shares no code with the kernels. A class,
/// since references that are copied share the memory that its `deinit` frees.
@safe
final class ProjectedReference<Number: ReferenceNumber> {
    /// `[B·Hkv][k][Dk]` and `[B·Hkv][k][Dv]`.
    let key: UnsafeMutablePointer<Number>
    let value: UnsafeMutablePointer<Number>

    /// Nil where nothing is projected.
    @unsafe
    init?(_ problem: AttentionProblem, _ inputs: InputView) {
        guard let rank = problem.operation.projectedKeys,
            let e = unsafe inputs.floats(.keyProjection),
            let f = unsafe inputs.floats(.valueProjection)
        else { return nil }
        let shape = problem.shape
        func project(
            _ weights: UnsafePointer<Float>,
            _ rows: UnsafePointer<Float>,
            columns: Int
        ) -> UnsafeMutablePointer<Number> {
            let count = shape.keyValueSliceCount * rank * columns
            let target = UnsafeMutablePointer<Number>.allocate(capacity: count)
            unsafe target.initialize(repeating: 0, count: count)
            for slice in 0..<shape.keyValueSliceCount {
                let source = unsafe rows + slice * shape.keyLength * columns
                for row in 0..<rank {
                    let sums = unsafe target + (slice * rank + row) * columns
                    for key in 0..<shape.keyLength {
                        let weight = Number(unsafe weights[row * shape.keyLength + key])
                        let numbers = unsafe source + key * columns
                        for column in 0..<columns {
                            unsafe sums[column] += weight * Number(numbers[column])
                        }
                    }
                }
            }
            return unsafe target
        }
        unsafe key = project(e, inputs.key, columns: shape.keyDimension)
        unsafe value = project(f, inputs.value, columns: shape.valueDimension)
    }

    deinit {
        unsafe key.deallocate()
        unsafe value.deallocate()
    }
}
