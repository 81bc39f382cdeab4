/// Pointers to the input tensors of a problem, each whole, as `[part][row][column]`.
///
/// The memory belongs to somebody else, who keeps it alive.
@unsafe
package struct InputView {
    package var query: UnsafePointer<Float>
    package var key: UnsafePointer<Float>
    package var value: UnsafePointer<Float>
    /// `[B]` or `[B,L]`; nil when the mask has no lengths.
    package var lengths: UnsafePointer<Int32>?
    /// One byte per element; nil when the mask has no boolean tensor.
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
