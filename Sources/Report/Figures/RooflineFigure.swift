import Attention
import Record
import Statistics
import Tables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Speed over arithmetic intensity, under the roofs that were measured on this machine.
///
/// Source of the model: Williams, Waterman and Patterson, Roofline, 2009.
struct RooflineFigure {
    struct Point {
        var label: String
        /// Operations per byte.
        var intensity: Double
        var gigaflopsPerSecond: Double
        var threads: Int
        var isCluster: Bool
    }

    /// The roof of one core.
    var multiplyAddRoof: Double
    /// The roof of one core; nil where it was not measured.
    var readRoof: Double?
    var points: [Point]
    /// The cores of the machine: more threads than cores have no higher roof.
    var cores: Int
    /// Whether keys and values are counted in each step that reads them.
    var isInSteps = false

    static func run(_ facts: RunFacts) -> Figure? {
        guard let intensity = facts.intensity, let roof = facts.multiplyAddRoof else { return nil }
        let base = facts.record.baseCases.compactMap { base in
            base.gigaflopsPerSecond.map {
                Point(
                    label: "1 process, \(Units.counted(base.threads, "thread"))",
                    intensity: intensity,
                    gigaflopsPerSecond: $0,
                    threads: base.threads,
                    isCluster: false
                )
            }
        }
        let cluster = facts.measured.compactMap { point in
            point.summary?.gigaflopsPerSecond.map {
                Point(
                    label: Units.counted(point.workers, "worker"),
                    intensity: intensity,
                    gigaflopsPerSecond: $0,
                    threads: point.workers * point.threads,
                    isCluster: true
                )
            }
        }
        guard !(base + cluster).isEmpty else { return nil }
        return RooflineFigure(
            multiplyAddRoof: roof,
            readRoof: facts.record.roofs?.readGigabytesPerSecond,
            points: base + cluster,
            cores: facts.cores,
            isInSteps: facts.record.plan.operation == .decodeSteps
        ).figure
    }

    static func kernel(_ record: KernelRecord) -> Figure? {
        let points = record.rows.compactMap { row -> Point? in
            guard let rate = row.gigaflopsPerSecond, let bytes = leastBytes(row) else { return nil }
            let operations = rate * row.summary.medianNanoseconds
            return Point(
                label: KernelFigures.label(row),
                intensity: operations / Double(bytes),
                gigaflopsPerSecond: rate,
                threads: row.threads,
                isCluster: false
            )
        }
        guard !points.isEmpty else { return nil }
        return RooflineFigure(
            multiplyAddRoof: record.roofs.fmaGigaflopsPerSecond,
            readRoof: record.roofs.readGigabytesPerSecond,
            points: points,
            cores: RunFacts.cores(of: record.host)
        ).figure
    }

    /// The bytes that must move; older rows hold no count.
    private static func leastBytes(_ row: KernelRow) -> Int? {
        if let bytes = row.roof?.tensorBytes { return bytes }
        return row.shape.map {
            AttentionProblem(shape: $0, mask: Mask(band: row.mask?.band ?? .none)).tensorBytes
        }
    }

    var figure: Figure {
        let missing =
            readRoof == nil
            ? " This record holds no read bandwidth, so only the multiply-add roofs are drawn." : ""
        return Figure(
            "Roofline",
            caption: "Up: the measured speed, useful arithmetic only. Right: floating-point "
                + "operations (FLOP) for each byte of the tensors, if every tensor moves once"
                + (isInSteps ? ", and keys and values in each step that reads them" : "")
                + ". The roofs of one core were measured on this machine: its multiply-add "
                + "rate and its read bandwidth from memory, over the whole run. The roof of N cores is "
                + "N times as high. Tensors that fit into caches are read faster than from memory."
                + (points.count <= RooflineLabels.mostNamed
                    ? " A number beside a mark is that of its row below." : "") + missing,
            plot: plot,
            table: table
        )
    }

    /// The core counts that get a roof: one, and the most that are used.
    private var roofThreads: [Int] {
        let most = min(points.map(\.threads).max() ?? 1, cores)
        return most > 1 ? [1, most] : [1]
    }

    private func roof(at intensity: Double, threads: Int) -> Double {
        let memory = readRoof.map { $0 * intensity } ?? .infinity
        return Double(min(threads, cores)) * min(multiplyAddRoof, memory)
    }

    private var plot: Plot {
        let intensities = points.map(\.intensity)
        let ridge = readRoof.map { multiplyAddRoof / $0 } ?? intensities.min() ?? 1
        let left = min(intensities.min() ?? 1, ridge) / 4
        let right = max(intensities.max() ?? 1, ridge) * 4
        let threads = roofThreads
        let roofs = threads.map { count in
            Plot.Block(
                "roof of \(Units.counted(count, "core"))",
                columns: ["FLOP per byte", "GFLOP/s"],
                rows: [left, min(max(ridge, left), right), right].map {
                    [Report.figure($0), Report.figure(roof(at: $0, threads: count))]
                }
            )
        }
        let groups = [points.filter { !$0.isCluster }, points.filter(\.isCluster)].map { group in
            Plot.Block(
                "points",
                columns: ["FLOP per byte", "GFLOP/s"],
                rows: group.isEmpty
                    ? [["?", "?"]]
                    : group.map {
                        [Report.figure($0.intensity), Report.figure($0.gigaflopsPerSecond)]
                    }
            )
        }
        let hasCluster = points.contains { $0.isCluster }
        let hasProcess = points.contains { !$0.isCluster }
        let highest = roof(at: right, threads: threads.last ?? 1) * 1.5
        let lowest = min(
            points.map(\.gigaflopsPerSecond).min() ?? 1,
            roof(at: left, threads: 1)
        )
        let legend =
            threads.map(Self.roofTitle) + (hasProcess ? ["one process"] : [])
            + (hasCluster ? ["workers"] : [])
        let bottom = lowest / 1.5
        return Plot(
            name: "roofline",
            blocks: roofs + groups,
            legend: legend,
            area: { $0 == .wide ? 260 : 240 }
        ) { format in
            var series = threads.enumerated().map { index, count in
                "DATA index \(index) using 1:2 with lines lw 2 "
                    + (count == 1 ? "\(color(.ink)) " : "dt 2 \(color(.grey)) ")
                    + "title \(quoted(Self.roofTitle(count)))"
            }
            if hasProcess {
                series.append(
                    "DATA index \(threads.count) using 1:2 with points pt 9 ps 1.1 "
                        + "\(color(.orange)) title 'one process'"
                )
            }
            if hasCluster {
                series.append(
                    "DATA index \(threads.count + 1) using 1:2 with points pt 7 ps 1 "
                        + "\(color(.blue)) title 'workers'"
                )
            }
            let labels = RooflineLabels(
                points: points,
                roofs: threads.map { count in { roof(at: $0, threads: count) } },
                x: left...right,
                y: bottom...highest,
                format
            )
            return labels.commands + [
                "set logscale xy 10",
                "set xrange [\(Report.figure(left)):\(Report.figure(right))]",
                "set yrange [\(Report.figure(bottom)):\(Report.figure(highest))]",
                "set xtics \(logarithmicTicks(from: left, to: right, isSparse: format == .narrow))",
                "set ytics \(logarithmicTicks(from: bottom, to: highest, isSparse: false))",
                axisName("FLOP per byte"),
                "set ylabel 'GFLOP/s' textcolor rgb '\(Palette.ink.marker)'",
                "plot \(series.joined(separator: ", "))",
            ]
        }
    }

    private static func roofTitle(_ cores: Int) -> String {
        "roof of \(cores == 1 ? "one core" : "\(cores) cores")"
    }

    private var table: TextTable {
        TextTable(
            [
                .number("no."), .words("what"), .number("FLOP per byte"), .number("GFLOP/s"),
                .number("roof, GFLOP/s"), .number("of the roof"),
            ],
            rows: points.enumerated().map { index, point in
                let roof = roof(at: point.intensity, threads: point.threads)
                return [
                    "\(index + 1)", .init(point.label), .init(Units.significant(point.intensity)),
                    .init(Units.significant(point.gigaflopsPerSecond)),
                    .init(Units.significant(roof)),
                    .init(Units.percent(point.gigaflopsPerSecond / roof)),
                ]
            }
        )
    }
}
