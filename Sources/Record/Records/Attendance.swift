import Files

/// How many workers came of those that another program was to start, where fewer are enough.
package struct Attendance: Codable, Equatable, Sendable {
    /// The most that the plan asked for.
    package var asked: Int
    package var came: Int

    package init(asked: Int, came: Int) {
        self.asked = asked
        self.came = came
    }

    func validate(_ place: RecordPlace, _ workers: [Int]) throws(ExperimentError) {
        try place.requireCount(asked, "asked", in: 1...Int.max)
        try place.requireCount(came, "came", in: 1...max(1, asked))
        try place.key("came").require(
            workers.allSatisfy { $0 <= came },
            "is \(came), but the plan has \(workers.max() ?? 0) workers",
            expected: "as many as the plan has, or more"
        )
    }
}
