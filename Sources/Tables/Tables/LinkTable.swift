import Record

/// How fast the link of each worker was when it joined.
package enum LinkTable {
    /// A table of a run whose links differ much; else a sentence says it.
    static func presented(_ record: RunRecord) -> [Presentation.Table] {
        guard record.plan.kind == .run else { return [] }
        return record.points.filter { !record.slowLinks(of: $0).isEmpty }.map {
            .init(table($0, in: record), title: "Links when workers joined:")
        }
    }

    package static func table(_ point: RunPoint, in record: RunRecord) -> TextTable {
        var table = TextTable([
            .number("worker"), .number("there\nand back"), .number("fastest", leaves: 1),
            .number("there"), .number("back"),
        ])
        let slow = Set(record.slowLinks(of: point).map(\.worker))
        for link in point.links ?? [] {
            table.addRow([
                .init("\(link.worker)", slow.contains(link.worker) ? .bad : .none),
                .init(Units.time(Double(link.roundTripNanoseconds))),
                .init(Units.time(Double(link.leastRoundTripNanoseconds))),
                .value(link.toWorkerBytesPerSecond, Units.rate),
                .value(link.fromWorkerBytesPerSecond, Units.rate),
            ])
        }
        return table
    }
}

extension Notes {
    /// `Links: 62–71 µs there and back, …`, over all points; nothing where none was measured, or where a table
    /// of one point shows them.
    static func links(_ record: RunRecord) -> [String] {
        guard LinkTable.presented(record).isEmpty else { return [] }
        let links = record.points.flatMap { $0.links ?? [] }
        return links.isEmpty ? [] : ["Links: \(LinkRanges(links))"]
    }
}
