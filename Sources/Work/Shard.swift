/// A unit of work: a range of slices times a range of rows of one stage.
///
/// `rows` starts at a multiple of the kernel's query block, or in a ring where rows visit other arcs; no
/// row's arithmetic depends on where the problem was cut. Where keys are cut, a row of the stage of states
/// is a span of keys.
package struct Shard: Hashable, Sendable {
    /// The index of its stage; attention alone has one, 0.
    package var stage: Int
    package var slices: Range<Int>
    package var rows: Range<Int>

    package init(stage: Int = 0, slices: Range<Int>, rows: Range<Int>) {
        self.stage = stage
        self.slices = slices
        self.rows = rows
    }
}
