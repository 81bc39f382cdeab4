import Statistics

extension RunRecord {
    /// The links of a point that are much slower than its others.
    ///
    /// Never those of workers on the coordinator's own host: they go through the memory of one machine, and
    /// differ only as long as something else takes its processors, which is another warning.
    package func slowLinks(of point: RunPoint) -> [LinkSummary] {
        guard !plan.launch.isLocal else { return [] }
        let here = Set((point.hosts ?? []).filter { $0.host == host.hostName }.map(\.worker))
        return (point.links ?? []).slow.filter { !here.contains($0.worker) }
    }

    /// That links are much slower than the others, with what they reach: one warning, about the most workers of
    /// which that is so, or none.
    package var linkWarnings: [MeasurementWarning] {
        let slow = points.map { ($0, slowLinks(of: $0)) }.filter { !$0.1.isEmpty }
        guard let (point, slow) = slow.max(by: { $0.0.workers < $1.0.workers }),
            let links = point.links
        else { return [] }
        let names = Units.listed(slow.prefix(4).map { "\($0.worker)" })
        let more = slow.count > 4 ? " and \(slow.count - 4) more" : ""
        let whose =
            slow.count == 1
            ? "the link of worker \(names) is slow"
            : "the links of workers \(names)\(more) are slow"
        return [
            MeasurementWarning(
                .slowLink,
                subject: point.subject,
                sentence: "\(whose): \(LinkRanges(slow)); the median of all is "
                    + "\(LinkRanges(middleOf: links))",
                remedy:
                    "look for what slows the way to it (a slower port, another network, a busy host), "
                    + "or run without it"
            )
        ]
    }
}

/// How fast links are, as a part of a sentence: `62–71 µs there and back, 2.1 GB/s there and 1.9 GB/s back`.
package struct LinkRanges: CustomStringConvertible {
    private let roundTrips: [Double]
    private let toWorker: [Double]
    private let fromWorker: [Double]

    package init(_ links: [LinkSummary]) {
        roundTrips = links.map { Double($0.roundTripNanoseconds) }
        toWorker = links.compactMap(\.toWorkerBytesPerSecond)
        fromWorker = links.compactMap(\.fromWorkerBytesPerSecond)
    }

    /// The medians of these links.
    init(middleOf links: [LinkSummary]) {
        let all = LinkRanges(links)
        func middle(_ numbers: [Double]) -> [Double] {
            LinkSummary.median(numbers).map { [$0] } ?? []
        }
        roundTrips = middle(all.roundTrips)
        toWorker = middle(all.toWorker)
        fromWorker = middle(all.fromWorker)
    }

    package var description: String {
        let time = Self.range(roundTrips) { Units.time($0) }
        let rates = [
            Self.range(toWorker, Units.rate).map { "\($0) there" },
            Self.range(fromWorker, Units.rate).map { "\($0) back" },
        ].compactMap { $0 }
        return ["\(time ?? "unknown") there and back", Units.listed(rates)]
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// `62–71 µs`, `62 µs–4.1 ms`; nil without numbers.
    private static func range(_ numbers: [Double], _ text: (Double) -> String) -> String? {
        guard let least = numbers.min().map(text), let most = numbers.max().map(text) else {
            return nil
        }
        guard least != most else { return least }
        let (first, last) = (least.split(separator: " "), most.split(separator: " "))
        return first.last == last.last ? "\(first[0])–\(most)" : "\(least)–\(most)"
    }
}
