import Record
import Tables

/// The section of a wire record.
extension WireRecord: DrawnRecord {
    package func section(title: String) -> Section {
        let shown = presentation
        let figures = Set(transfers.map(\.transport)).sorted { $0.rawValue < $1.rawValue }
            .compactMap { WireFigure.bandwidth(self, $0) }
        let tables = shown.tables.map { table in
            Section.Part(
                heading: (table.title ?? "").split(separator: ":").joined(),
                paragraphs: table.footnotes,
                tables: [table.table]
            )
        }
        let parts =
            [Section.Part(heading: "How fast payloads travel", figures: figures)] + tables
            + [Section.Part(heading: "Checks", items: shown.notes.joined().map { "\($0)." })]
        return Section(
            self,
            title: title,
            context: shown.headlines,
            keyFigures: keyFigures,
            parts: parts + HostPart.parts(of: self),
            what: "tasks and tensors on the way"
        )
    }

    private var keyFigures: [Section.KeyFigure] {
        guard wrongBytes == 0 else { return [] }
        let trips = roundTrips.map { trip in
            let bare = trip.bare.summary.medianNanoseconds
            return Section.KeyFigure(
                name: "One task there and back, \(trip.transport.rawValue)",
                value: Units.time(trip.times.summary.medianNanoseconds),
                reference: "bare ZeroMQ \(Units.time(bare))"
                    + (mark == nil
                        ? ", bare socket \(Units.time(trip.socket.summary.medianNanoseconds))"
                        : ""),
                fraction: bare / trip.times.summary.medianNanoseconds
            )
        }
        let most = tasks.max { ($0.workers, $0.credit) < ($1.workers, $1.credit) }
        let rate = most.map { entry in
            let share = entry.tasksPerSecond / entry.bareTasksPerSecond
            return Section.KeyFigure(
                name: "Tasks per second, \(Units.counted(entry.workers, "worker")), credit "
                    + "\(entry.credit)",
                value: Units.grouped(Int(entry.tasksPerSecond)),
                reference: "\(Units.percent(share)) of bare ZeroMQ with as many processes",
                fraction: share
            )
        }
        return trips + [rate].compactMap { $0 }
    }
}
