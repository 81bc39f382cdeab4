import Record
import Tables

extension RunSection {
    var times: Section.Part {
        let figures = [
            TimeFigures.losses(facts) ?? TimeFigures.byPoint(facts), TimeFigures.byWorker(facts),
        ]
        return Section.Part(heading: "Where the time went", figures: figures.compactMap { $0 })
    }

    /// How fast the links were that transfers went through; empty for older records.
    var links: Section.Part {
        guard let point = facts.chosen, point.links?.isEmpty == false else {
            return Section.Part(heading: "Links")
        }
        return Section.Part(
            heading: "Links",
            paragraphs: [
                "Measured when \(Units.counted(point.workers, "worker")) joined, before any trial: an empty "
                    + "message there and back (the median, and the fastest), and payload there and back. A "
                    + "transfer takes at least a round trip, and what its bytes take at that rate."
            ],
            tables: [LinkTable.table(point, in: record)]
        )
    }
}
