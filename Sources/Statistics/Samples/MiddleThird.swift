/// The middle third of the trials by time: the parts of a typical trial.
///
/// A median cannot be broken down, because the medians of the parts do not add up to the median of
/// the whole. A mean can, but a few disturbed trials move the mean away from the median, which all
/// other figures use. The mean of the trials around the median is near the median, and it is the
/// sum of the means of its parts. A third is few enough to stay near the median, and enough to
/// average out the random parts of single trials.
package enum MiddleThird {
    /// The trials without the fastest and the slowest third; at least one if there are any.
    package static func of<Trial>(_ trials: [Trial], by time: (Trial) -> Double) -> [Trial] {
        let cut = trials.count / 3
        return Array(trials.sorted { time($0) < time($1) }.dropFirst(cut).dropLast(cut))
    }
}
