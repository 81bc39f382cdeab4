/// A mark of a plot with many of them.
struct Mark: Hashable, Sendable {
    /// By the axes of its plot.
    var x: Double
    var y: Double
    /// Marks of different series look different and do not stand for each other.
    var series: Int
}

extension Mark {
    /// As few marks as make the same picture, in their order; and how far at most, in pixels along
    /// each axis, a mark that is left out lies from one of its series that is there.
    ///
    /// Up to `most` marks all are there. Of more, one stands in every square of a grid, the first that
    /// falls into it: a grid of `finest` pixels, or of twice as many, and so on, until `most` suffice.
    static func thinned(
        _ marks: [Mark],
        most: Int,
        finest: Double,
        pixels: (Mark) -> (x: Double, y: Double)
    ) -> (marks: [Mark], pixels: Double) {
        guard marks.count > most else { return (marks, 0) }
        var kept = marks
        var width = finest / 2
        // In the last step, the whole picture is one square.
        while kept.count > most, width < 4096 {
            width *= 2
            var taken: Set<Square> = []
            kept = marks.filter { mark in
                let place = pixels(mark)
                let square = Square(
                    column: Int((place.x / width).rounded(.down)),
                    row: Int((place.y / width).rounded(.down)),
                    series: mark.series
                )
                return taken.insert(square).inserted
            }
        }
        return (kept, width)
    }

    private struct Square: Hashable {
        var column: Int
        var row: Int
        var series: Int
    }
}
