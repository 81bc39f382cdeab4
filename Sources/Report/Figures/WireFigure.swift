import Record
import Tables
import Work

/// How fast payloads travel by their size, beside what ZeroMQ, a socket and a copy do alone.
enum WireFigure {
    private static let colors: [Palette] = [
        .blue, .orange, .green, .sky, .purple, .yellow,
    ]
    private static let roofs:
        [(name: String, times: KeyPath<WireTransfer, WireTimes?> & Sendable, dash: Int)] = [
            ("bare ZeroMQ", \.bare, 2), ("bare socket", \.socket, 3), ("copy", \.copy, 4),
        ]

    /// The figure of one transport, with the most workers; nil with fewer than two sizes.
    static func bandwidth(_ record: WireRecord, _ transport: WireLink) -> Figure? {
        let entries = record.transfers.filter { $0.transport == transport && $0.payloadBytes > 0 }
        let most = entries.map(\.workers).max() ?? 0
        let shown = entries.filter { $0.workers == most }
        guard Set(shown.map(\.payloadBytes)).count > 1 else { return nil }
        let planes = PlaneName.allCases.filter { plane in shown.contains { $0.plane == plane } }
        func block(_ name: String, _ rows: [(Int, Double?)]) -> Plot.Block {
            Plot.Block(
                name,
                columns: ["payload, bytes", "GB/s"],
                rows: rows.map { ["\($0.0)", Report.figure($0.1)] }
            )
        }
        let own = planes.map { plane in
            block(
                "\(plane.rawValue) plane",
                shown.filter { $0.plane == plane }.map { ($0.payloadBytes, $0.gigabytesPerSecond) }
            )
        }
        let first = shown.filter { $0.plane == planes.first }
        let others = roofs.map { roof in
            block(roof.name, first.map { ($0.payloadBytes, $0.rate(of: $0[keyPath: roof.times])) })
        }
        let plot = Plot(
            name: "wire-\(transport.rawValue)",
            blocks: own + others,
            legend: (own + others).map(\.name)
        ) { _ in
            let curves =
                own.enumerated().map { index, block in
                    "DATA index \(index) using 1:2 with linespoints pt 7 ps 0.7 lw 2 "
                        + "\(color(colors[index])) title \(quoted(block.name))"
                }
                + roofs.enumerated().map { index, roof in
                    "DATA index \(own.count + index) using 1:2 with lines lw 1.6 dt \(roof.dash) "
                        + "\(color(.grey)) title \(quoted(roof.name))"
                }
            return [
                "set logscale xy", "set format y '%g'", "set format x '%.0s %cB'",
                axisName("payload of a task, each way"),
                "set ylabel 'GB/s' textcolor rgb '\(Palette.ink.marker)'",
                "plot \(curves.joined(separator: ", "))",
            ]
        }
        return Figure(
            "Payload per second, \(transport.rawValue)",
            caption: "Tasks whose payload goes to a worker and comes back, "
                + "\(Units.counted(most, "worker")); what goes and comes back counts once. The grey "
                + "lines are as many bytes over ZeroMQ and over a socket without headwise, and one "
                + "copy in memory. Both axes are logarithmic.",
            plot: plot,
            table: WireTables.transfers(shown)?.table ?? TextTable([])
        )
    }
}
