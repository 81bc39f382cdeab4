import FoundationEssentials

/// A trace in Chrome's format, as a program in another language would read it.
package struct TraceFile: Decodable {
    package struct Event: Decodable {
        package var ph: String
        package var name: String
        package var pid: Int
        package var tid: Int
        package var ts: Double?
        package var dur: Double?
        private var id: Int?
        private var id2: LocalID?
        package var cat: String?
        package var bp: String?
        package var args: [String: Value]?

        private struct LocalID: Decodable {
            var local: String
        }

        /// The number of an arrow, or of a task that is held.
        package var number: Int? { id ?? id2.flatMap { Int($0.local) } }

        /// In whole nanoseconds since the beginning of the trace.
        package var begin: Int { Int(((ts ?? -1) * 1000).rounded()) }
        package var end: Int { begin + Int(((dur ?? 0) * 1000).rounded()) }
        package var track: Track { Track(pid: pid, tid: tid) }
    }

    package struct Track: Hashable {
        package var pid: Int
        package var tid: Int
    }

    package enum Value: Decodable, Equatable {
        case number(Double)
        case text(String)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    package struct About: Decodable {
        package struct Trial: Decodable {
            package var trial: Int
            package var wallNanoseconds: Int
        }

        package struct Worker: Decodable {
            package var worker: Int
            package var clock: String
            package var offsetNanoseconds: Int
            package var offsetBoundsNanoseconds: [Int]?
        }

        package var schema: String
        package var trials: [Trial]
        package var workers: [Worker]
        package var leftOutActivities: Int
        package var measuredMedianNanoseconds: Double?
    }

    package var traceEvents: [Event]
    package var metadata: About

    package init(_ bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(TraceFile.self, from: Data(bytes))
    }

    package func events(_ phase: String) -> [Event] { traceEvents.filter { $0.ph == phase } }

    /// The slices of a kind, such as `compute`.
    package func slices(_ category: String) -> [Event] {
        events("X").filter { $0.cat == category }
    }

    /// The process or thread of a name: `worker 0`.
    package func process(_ name: String) -> Int? {
        events("M").first { $0.name == "process_name" && $0.args?["name"] == .text(name) }?.pid
    }

    /// What no trace may have, a sentence each; none of a sound one.
    package var faults: [String] {
        var faults: [String] = []
        for event in traceEvents where event.ph != "M" {
            if event.ts ?? -1 < 0 { faults.append("\(event.name) is at \(event.ts ?? -1) µs") }
            if event.ph == "X", event.dur ?? -1 < 0 {
                faults.append("\(event.name) lasts \(event.dur ?? -1) µs")
            }
        }
        let slices = Dictionary(grouping: events("X"), by: \.track)
        for (track, slices) in slices {
            let sorted = slices.sorted { ($0.begin, -$0.end) < ($1.begin, -$1.end) }
            for (former, next) in zip(sorted, sorted.dropFirst()) where next.begin < former.end {
                faults.append("\(former.name) and \(next.name) overlap on \(track)")
            }
        }
        let named = Set(events("M").filter { $0.name == "thread_name" }.map(\.track))
        for track in Set(slices.keys).subtracting(named) { faults.append("\(track) has no name") }
        faults += flowFaults(slices) + heldFaults
        return faults
    }

    /// Every arrow has two ends, each at a slice, and goes forwards.
    private func flowFaults(_ slices: [Track: [Event]]) -> [String] {
        var faults: [String] = []
        let (starts, ends) = (events("s"), events("f"))
        if Set(starts.compactMap(\.number)).count != starts.count {
            faults.append("an id is used twice")
        }
        if starts.compactMap(\.number).sorted() != ends.compactMap(\.number).sorted() {
            faults.append("\(starts.count) arrows begin and \(ends.count) end")
        }
        let endings = Dictionary(grouping: ends, by: { $0.number ?? -1 })
        for start in starts {
            guard let end = endings[start.number ?? -1]?.first else { continue }
            if end.begin < start.begin {
                faults.append("arrow \(start.number ?? 0) goes backwards")
            }
            if end.bp != "e" { faults.append("arrow \(start.number ?? 0) ends at the next slice") }
        }
        for event in starts + ends {
            let isInside = slices[event.track]?.contains {
                $0.begin <= event.begin && event.begin <= $0.end
            }
            if isInside != true { faults.append("arrow \(event.number ?? 0) is outside any slice") }
        }
        return faults
    }

    /// What begins ends once, later, in the same process.
    private var heldFaults: [String] {
        let (begins, ends) = (events("b"), events("e"))
        var faults: [String] = []
        let endings = Dictionary(grouping: ends, by: { $0.number ?? -1 })
        if begins.count != ends.count || endings.count != ends.count {
            faults.append("\(begins.count) tasks begin and \(ends.count) end")
        }
        for begin in begins {
            guard let end = endings[begin.number ?? -1]?.first else { continue }
            if end.begin < begin.begin || end.pid != begin.pid || end.name != begin.name {
                faults.append("\(begin.name) ends otherwise than it begins")
            }
        }
        return faults
    }
}
