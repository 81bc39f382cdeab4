/// A mark of a plot with many of them.
struct Mark: Hashable, Sendable {
    /// By the axes of its plot.
    var x: Double
    var y: Double
    /// Marks of different series look different and do not stand for each other.
    var series: Int
}

extension Mark {
    /// Enough marks for the same picture, in their order; and the largest distance, in pixels along
    /// each axis, of a mark that is left out from a kept one of its series.
    ///
    /// Up to `most` marks are all kept. Of more, each square of a grid keeps the first mark that
    /// falls into it. The squares have `finest` pixels, or twice as many, and so on, until at most
    /// `most` marks are kept.
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
