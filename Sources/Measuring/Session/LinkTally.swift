import Cluster
import Record
import Work

/// How fast the links of a point's clusters were when their workers joined.
struct LinkTally {
    /// Of the clusters that have ended, by worker.
    private var former: [Int: [LinkTimes]] = [:]

    /// Whether the links of so many workers were all measured, in clusters that have ended.
    func isKnown(ofAll workers: Int) -> Bool { former.count == workers }

    /// Notes what was measured of a cluster that ends.
    mutating func note(_ cluster: Cluster) { former = times(with: cluster) }

    /// What was measured so far, `cluster` included; nil if nothing was.
    func links(with cluster: Cluster?) -> [LinkSummary]? {
        let times = times(with: cluster)
        let links = times.keys.sorted().compactMap { LinkSummary(worker: $0, times[$0] ?? []) }
        return links.isEmpty ? nil : links
    }

    private func times(with cluster: Cluster?) -> [Int: [LinkTimes]] {
        former.merging((cluster?.linkTimes ?? [:]).mapValues { [$0] }, uniquingKeysWith: +)
    }
}
