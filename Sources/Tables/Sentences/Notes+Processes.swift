import Record
import Work

extension Notes {
    /// `Processes: of 256 workers, 4 share one, and its CPU time and memory`; nothing where each has its own.
    static func processes(_ points: [(workers: Int, perProcess: Int?)]) -> [String] {
        var parts: [String] = []
        for (workers, perProcess) in points {
            guard let perProcess else { continue }
            let part = "of \(counted(workers, "worker")), \(perProcess) share one"
            if !parts.contains(part) { parts.append(part) }
        }
        guard !parts.isEmpty else { return [] }
        return [
            "Processes: \(parts.joined(separator: "; ")); CPU time, switches and memory of a worker are "
                + "its share"
        ]
    }
}
