/// The third of some trials whose times lie in the middle: what a typical trial is made of.
///
/// A median cannot be taken apart, since the medians of the parts do not add up to that of the
/// whole; a mean can, but a few disturbed trials move it away from the median that everything else
/// is said of. The mean of the trials around the median is near it and, being a mean, is the sum of
/// the means of its parts. A third is few enough to stay near and many enough to even out how the
/// parts of a single trial happen to fall.
package enum MiddleThird {
    /// The trials left when the fastest and the slowest third are put aside; at least one of any.
    package static func of<Trial>(_ trials: [Trial], by time: (Trial) -> Double) -> [Trial] {
        let cut = trials.count / 3
        return Array(trials.sorted { time($0) < time($1) }.dropFirst(cut).dropLast(cut))
    }
}
