import Record
import Statistics
import Work

/// What tasks and tensors cost on the way, beside what ZeroMQ, a socket and a copy take alone.
extension WireRecord: PresentedRecord {
    package var presentation: Presentation {
        // What comes with a payload never waits.
        let tables = [
            marked(WireTables.roundTrips(roundTrips, besideSocket: mark == nil)),
            marked(WireTables.tasks(tasks)), WireTables.transfers(transfers),
            WireTables.processorTime(transfers),
            marked(endurance.flatMap(WireTables.endurance)),
        ].compactMap { $0 }
        let kind =
            taskNanoseconds.map { "wait \(Units.time(Double($0))) for each task without a payload" }
            ?? "compute nothing"
        let transports = Set(
            (roundTrips.map(\.transport) + tasks.map(\.transport) + transfers.map(\.transport))
                .map(\.rawValue)
        )
        return Presentation(
            headlines: [
                "Wire: real clusters over \(Units.listed(transports.sorted())), whose workers \(kind)"
            ],
            tables: tables,
            notes: [WireTables.notes(self)]
        )
    }

    private func marked(_ table: Presentation.Table?) -> Presentation.Table? {
        guard var table, let mark else { return table }
        table.title = "\(mark). \(table.title ?? "")"
        return table
    }

    /// One row for every trial.
    ///
    /// - `what`: `round_trip` (one empty task), `tasks` (many) or `transfer` (with a payload).
    /// - `program`: `headwise`, `zeromq` (bare ROUTER and DEALER), `socket` or `copy`.
    /// - `payload_bytes`: of a task, each way; `tasks`: of the trial.
    /// - `wrong_bytes`: of all trials of that row of the table.
    package var samples: SampleRows {
        let columns = [
            "schema", "started", "fingerprint", "what", "program", "transport", "plane", "workers",
            "credit", "payload_bytes", "tasks", "trial", "wall_nanoseconds", "wrong_bytes",
            "standing",
        ]
        let identity = [schema.rawValue, started, host.fingerprint]
        var rows: [[String]] = []
        func add(
            _ times: WireTimes?,
            _ what: String,
            _ program: String,
            _ fields: [String],
            _ wrong: Int?
        ) {
            for (index, sample) in (times?.samplesNanoseconds ?? []).enumerated() {
                rows.append(
                    identity + [what, program] + fields
                        + ["\(index + 1)", "\(sample)", field(wrong), standing]
                )
            }
        }
        for trip in roundTrips {
            let fields = [trip.transport.rawValue, "", "1", "1", "0", "1"]
            add(trip.times, "round_trip", "headwise", fields, nil)
            add(trip.bare, "round_trip", "zeromq", fields, nil)
            add(trip.socket, "round_trip", "socket", fields, nil)
        }
        for entry in tasks {
            let fields = [
                entry.transport.rawValue, "", "\(entry.workers)", "\(entry.credit)", "0",
                "\(entry.tasks)",
            ]
            add(entry.times, "tasks", "headwise", fields, nil)
            add(entry.bare, "tasks", "zeromq", fields, nil)
        }
        for entry in transfers {
            let fields = [
                entry.transport.rawValue, entry.plane?.rawValue ?? "", "\(entry.workers)",
                "\(entry.credit)", "\(entry.payloadBytes)", "\(entry.tasks)",
            ]
            add(entry.times, "transfer", "headwise", fields, entry.wrongBytes)
            // They are measured beside the first plane, and stand in the record beside all.
            let first = transfers.first {
                ($0.transport, $0.workers, $0.payloadBytes)
                    == (entry.transport, entry.workers, entry.payloadBytes)
            }
            guard first == entry else { continue }
            add(entry.bare, "transfer", "zeromq", fields, nil)
            add(entry.socket, "transfer", "socket", fields, nil)
            add(entry.copy, "transfer", "copy", fields, nil)
        }
        return SampleRows(columns: columns, rows: rows)
    }
}

package enum WireTables {
    /// Tasks that wait take longer than a socket whose other end does not.
    static func roundTrips(
        _ trips: [WireRoundTrip],
        besideSocket: Bool
    ) -> Presentation.Table? {
        guard !trips.isEmpty else { return nil }
        var table = TextTable(
            [
                .words("transport"), .words("there and back"), .number("median"), .number("p99"),
                .number("trips", leaves: 1),
            ] + (besideSocket ? [.number("× socket")] : [])
        )
        for trip in trips {
            let least = trip.socket.summary.medianNanoseconds
            let rows = [
                ("a task", trip.times), ("bare ZeroMQ", trip.bare), ("bare socket", trip.socket),
            ]
            for (index, (name, times)) in rows.enumerated() {
                let ratio = Units.significant(times.summary.medianNanoseconds / least)
                let cells: [TextTable.Cell] = [
                    .init(trip.transport.rawValue), .init(name),
                    .init(
                        Units.time(times.summary.medianNanoseconds, in: .microseconds),
                        index == 0 ? .strong : .none
                    ),
                    .value(times.summary.percentile99Nanoseconds) {
                        Units.time($0, in: .microseconds)
                    },
                    "\(times.summary.count)",
                ]
                table.addRow(cells + (besideSocket ? [.init(ratio)] : []))
            }
        }
        return .init(table, title: "One task at a time, one worker, no payload:")
    }

    static func tasks(_ entries: [WireTasks]) -> Presentation.Table? {
        guard !entries.isEmpty else { return nil }
        var table = TextTable([
            .words("transport", leaves: 1), .number("workers", narrow: "work-\ners"),
            .number("credit"), .number("tasks/s"), .number("each"), .number("±", leaves: 3),
            .number("bare\nZeroMQ/s"), .number("of\nbare"),
        ])
        for entry in entries {
            table.addRow([
                .init(entry.transport.rawValue), "\(entry.workers)", "\(entry.credit)",
                .init(Units.grouped(Int(entry.tasksPerSecond))),
                .init(Units.time(1e9 / entry.tasksPerSecond)),
                .init(PointTable.uncertainty(entry.times.summary)),
                .init(Units.grouped(Int(entry.bareTasksPerSecond))),
                .init(
                    Units.percent(entry.tasksPerSecond / entry.bareTasksPerSecond),
                    .strong
                ),
            ])
        }
        return .init(table, title: "Many tasks, no payload:")
    }

    package static func transfers(_ entries: [WireTransfer]) -> Presentation.Table? {
        guard !entries.isEmpty else { return nil }
        // Where there are several, rows need theirs.
        let isOneTransport = Set(entries.map(\.transport)).count == 1
        var table = TextTable([
            .words("transport", leaves: isOneTransport ? 1 : nil),
            .number("workers", narrow: "work-\ners"),
            .number("size"), .words("plane"), .number("tasks", leaves: 1), .number("each task"),
            .number("GB/s"), .number("per\nworker", leaves: 5),
            .number("bare\nZeroMQ", leaves: 6), .number("bare\nsocket", leaves: 6),
            .number("copy", leaves: 4), .number("wrong\nbytes"),
        ])
        for entry in entries {
            table.addRow([
                .init(entry.transport.rawValue), "\(entry.workers)",
                .init(Units.bytes(entry.payloadBytes)), .value(entry.plane) { $0.rawValue },
                "\(entry.tasks)",
                .init(Units.time(entry.times.summary.medianNanoseconds / Double(entry.tasks))),
                .value(entry.gigabytesPerSecond, emphasis: .strong, Units.fine),
                .value(entry.rateOfWorker, Units.fine),
                .value(entry.rate(of: entry.bare), Units.fine),
                .value(entry.rate(of: entry.socket), Units.fine),
                .value(entry.rate(of: entry.copy), Units.fine),
                .init("\(entry.wrongBytes)", entry.wrongBytes > 0 ? .bad : .none),
            ])
        }
        let held = entries.contains { $0.plane?.holdsInputs == true }
        let credits = Set(entries.map(\.credit)).sorted().map(String.init)
        return .init(
            table,
            title: "Tasks whose payload goes to a worker and comes back, in GB/s:",
            footnotes: [
                "Per worker: what it is given and gives back, both counted, with "
                    + "\(Units.listed(credits)) tasks at a time.",
                "Bare socket: one connection to one process, however many workers there are.",
            ]
                + (held
                    ? [
                        "Planes resident and shared: the payload is there before, and only comes back."
                    ]
                    : [])
        )
    }

    /// What moving takes of all processors, as `run` counts it.
    static func processorTime(_ entries: [WireTransfer]) -> Presentation.Table? {
        // Of smaller ones, it is the messages that cost, whatever they carry.
        let entries = entries.filter { $0.payloadBytes >= 4096 && $0.cpu != nil }
        guard !entries.isEmpty else { return nil }
        var table = TextTable([
            .words("transport"), .number("workers", narrow: "work-\ners"),
            .number("size"), .words("plane"), .number("core-ms\n/MiB"), .number("bare\nZeroMQ"),
            .number("bare\nsocket"), .number("copy"),
        ])
        for entry in entries {
            func cell(
                _ times: WireTimes?,
                ways: Int = 2,
                _ emphasis: Style.Emphasis = .none
            ) -> TextTable.Cell {
                .value(
                    entry.coreMillisecondsPerMebibyte(times, ways: ways),
                    emphasis: emphasis,
                    Units.significant
                )
            }
            table.addRow([
                .init(entry.transport.rawValue), "\(entry.workers)",
                .init(Units.bytes(entry.payloadBytes)), .value(entry.plane) { $0.rawValue },
                cell(entry.cpu, ways: entry.ways, .strong), cell(entry.bareCPU),
                cell(entry.socketCPU), cell(entry.copy, ways: 1),
            ])
        }
        return .init(
            table,
            title: "CPU time of all processes for each MiB that goes or comes back:",
            footnotes: [
                "Without the time of computing, which is a copy here. Copy: the time of one thread."
            ]
                + (entries.contains { $0.transport == .curve }
                    ? ["Bare ZeroMQ and bare socket encrypt nothing."] : [])
        )
    }

    static func endurance(_ endurance: WireEndurance) -> Presentation.Table? {
        var table = TextTable([
            .number("tasks so far"), .number("each"), .number("coordinator"),
            .number("largest worker"),
        ])
        var count = 0
        for tenth in endurance.tenths {
            count = count.addingReportingOverflow(tenth.tasks).partialValue
            table.addRow([
                .init(Units.grouped(count)), .init(Units.time(tenth.nanosecondsPerTask)),
                .value(tenth.coordinatorBytes) { Units.bytes($0) },
                .value(tenth.workerBytes) { Units.bytes($0) },
            ])
        }
        return .init(
            table,
            title: "A long run over \(endurance.transport.rawValue), "
                + "\(counted(endurance.workers, "worker")), credit \(endurance.credit):"
        )
    }

    /// `Keys: a message takes 9.1 µs more over curve than over tcp, a MiB 1.2 ms more`.
    private static func inWords(_ cost: CurveCost) -> String? {
        func more(_ nanoseconds: Double) -> String {
            nanoseconds > 0 ? "\(Units.time(nanoseconds)) more" : "no longer"
        }
        let parts = [
            cost.nanosecondsPerMessage.map {
                "a message takes \(more($0)) over curve than over tcp"
            },
            cost.nanosecondsPerMebibyte.map {
                "a MiB \(more($0)) (payloads of \(Units.bytes(cost.payloadBytes ?? 0)))"
            },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : "Keys: \(parts.joined(separator: ", "))"
    }

    static func notes(_ record: WireRecord) -> [String] {
        let checked = record.transfers.reduce(0) { sum, entry in
            let (total, overflows) = sum.addingReportingOverflow(entry.checkedBytes)
            return overflows ? .max : total
        }
        let shared = record.tasks.map { (workers: $0.workers, perProcess: $0.workersPerProcess) }
        return Notes.processes(shared)
            + [
                record.curveCost.flatMap(inWords),
                checked > 0
                    ? "Checked: \(Units.bytes(checked)) of payload, "
                        + "\(counted(record.wrongBytes, "byte")) wrong" : nil,
                record.coordinatorPeakBytes.map {
                    "Memory: the coordinator had \(Units.bytes($0)) at most, payloads and bare loops "
                        + "included"
                },
            ].compactMap { $0 }
    }
}
