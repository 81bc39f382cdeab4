/// Where the input tensors of a problem lie, whole, as `[part][row][column]`: a look at memory
/// that somebody else owns and keeps alive.
@unsafe
package struct InputView {
    package var query: UnsafePointer<Float>
    package var key: UnsafePointer<Float>
    package var value: UnsafePointer<Float>
    /// `[B]` or `[B,L]`; nil when the mask has no lengths.
    package var lengths: UnsafePointer<Int32>?
    /// One byte an element; nil when the mask has no boolean tensor.
    package var visibility: UnsafePointer<UInt8>?

    package init(
        query: UnsafePointer<Float>,
        key: UnsafePointer<Float>,
        value: UnsafePointer<Float>,
        lengths: UnsafePointer<Int32>? = nil,
        visibility: UnsafePointer<UInt8>? = nil
    ) {
        unsafe self.query = query
        unsafe self.key = key
        unsafe self.value = value
        unsafe self.lengths = lengths
        unsafe self.visibility = visibility
    }
}
