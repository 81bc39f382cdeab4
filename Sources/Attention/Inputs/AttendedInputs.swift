/// The inputs of `problem.attended`, slice by slice: the projected keys and values of Linformer, or the
/// width of a slice of kernel regression.
///
/// The outputs of earlier stages are in their place. A class, since it owns the widths.
@safe
package final class AttendedInputs {
    private let shared: InputView
    /// Empty where no slice has a width of its own.
    private let widths: UnsafeMutableBufferPointer<Float>

    @unsafe
    package init(_ problem: AttentionProblem, _ inputs: InputView) {
        unsafe shared = inputs.attended(problem)
        let values = unsafe problem.widths(inputs)
        unsafe widths = .allocate(capacity: values.count)
        _ = unsafe widths.initialize(from: values)
    }

    deinit { unsafe widths.deallocate() }

    /// Valid as long as this object lives.
    @unsafe
    package func view(slice: Int) -> InputView {
        guard unsafe !widths.isEmpty, let base = unsafe widths.baseAddress else {
            return unsafe shared
        }
        var view = unsafe shared
        unsafe view[.scoreWeights] = UnsafeRawPointer(base + slice)
        return unsafe view
    }
}
