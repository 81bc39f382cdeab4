/// A unit of work: a range of slices times a range of query rows, over all their keys.
///
/// `rows` starts at a multiple of the kernel's query block, so that no row's arithmetic depends on
/// where the problem was cut.
package struct Shard: Hashable, Sendable {
    package var slices: Range<Int>
    package var rows: Range<Int>

    package init(slices: Range<Int>, rows: Range<Int>) {
        self.slices = slices
        self.rows = rows
    }
}
