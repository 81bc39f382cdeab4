import Record
import Work

extension Notes {
    /// `Started: 2 workers ready 61.2 ms after launch, 8 workers 96.3 ms (medians of 3 starts)`; nothing where
    /// no record says it.
    static func starts(_ points: [RunPoint]) -> [String] {
        startsInWords(points).map { ["Started: \($0)"] } ?? []
    }

    /// The same without its first word; nil where no record says it.
    package static func startsInWords(_ points: [RunPoint]) -> String? {
        var (parts, counts) = ([String](), [Int]())
        for point in points {
            guard let starts = point.starts, let median = starts.medianReadyNanoseconds else {
                continue
            }
            let time = Units.time(median)
            let workers = counted(point.workers, "worker")
            parts.append(
                parts.isEmpty ? "\(workers) ready \(time) after launch" : "\(workers) \(time)"
            )
            counts.append(starts.count)
        }
        guard let least = counts.min(), let most = counts.max() else { return nil }
        let count =
            least == most ? counted(most, "start") : "\(least) to \(counted(most, "start"))"
        let median = parts.count == 1 ? "median" : "medians"
        return parts.joined(separator: ", ") + (most == 1 ? "" : " (\(median) of \(count))")
    }
}
