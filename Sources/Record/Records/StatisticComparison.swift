import Statistics

/// One statistic of one point of two measurements: A's time, B's, and what their ratio means.
package struct StatisticComparison: Codable, Equatable, Sendable {
    package var statistic: ComparedStatistic
    /// A's time, the middle of its replicates' times; absent without samples.
    package var firstNanoseconds: Double?
    /// B's time.
    package var secondNanoseconds: Double?
    /// B's time over A's; absent without samples.
    package var comparison: TimeComparison?

    package init(
        _ statistic: ComparedStatistic,
        firstNanoseconds: Double? = nil,
        secondNanoseconds: Double? = nil,
        comparison: TimeComparison? = nil
    ) {
        self.statistic = statistic
        self.firstNanoseconds = firstNanoseconds
        self.secondNanoseconds = secondNanoseconds
        self.comparison = comparison
    }

    package var verdict: TimeComparison.Verdict { comparison?.verdict ?? .ambiguous }
}

extension StatisticComparison {
    private enum PointKey: String, CodingKey {
        case statistics, firstTypicalNanoseconds, secondTypicalNanoseconds, comparison
    }

    /// The statistics of a stored point; a point of a record from before there were several has its
    /// fast end where now the list is.
    static func list(in decoder: any Decoder) throws -> [StatisticComparison] {
        let point = try decoder.container(keyedBy: PointKey.self)
        if point.contains(.statistics) {
            return try point.decode([StatisticComparison].self, forKey: .statistics)
        }
        return [
            StatisticComparison(
                .fastEnd,
                firstNanoseconds: try point.decodeIfPresent(
                    Double.self,
                    forKey: .firstTypicalNanoseconds
                ),
                secondNanoseconds: try point.decodeIfPresent(
                    Double.self,
                    forKey: .secondTypicalNanoseconds
                ),
                comparison: try point.decodeIfPresent(TimeComparison.self, forKey: .comparison)
            )
        ]
    }
}
