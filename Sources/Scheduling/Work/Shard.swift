/// A piece of work: a range of slices times a range of query rows, over all their keys.
///
/// `rows` starts at a multiple of the kernel's query block, so that no row's arithmetic depends on
/// where the problem was cut.
package struct Shard: Hashable, Sendable, Codable {
    /// The shard's place in its plan; what tasks and results name it by.
    package var index: Int
    package var slices: Range<Int>
    package var rows: Range<Int>

    package init(index: Int, slices: Range<Int>, rows: Range<Int>) {
        self.index = index
        self.slices = slices
        self.rows = rows
    }
}
