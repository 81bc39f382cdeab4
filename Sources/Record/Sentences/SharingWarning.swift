import Statistics

extension MeasurementWarning {
    /// That other runs held these processors of a run; nil if there are none.
    ///
    /// `pin` says where processors are chosen.
    package static func sharing(
        _ processors: [Int],
        pin: String = "with --pin"
    ) -> MeasurementWarning? {
        guard !processors.isEmpty else { return nil }
        let those = "processor\(processors.count == 1 ? "" : "s") \(Units.ranges(processors))"
        return MeasurementWarning(
            .sharedProcessors,
            sentence: "another run held \(those), where this one computes, too",
            remedy: "repeat when the other run has ended, or give each run processors of its own "
                + pin
        )
    }
}
