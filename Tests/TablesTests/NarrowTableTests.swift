import Attention
import Testing

@testable import Plan
@testable import Record
@testable import Statistics
@testable import Tables

/// Tables on terminals of 60, 80 and 120 columns.
struct NarrowTableTests {
    private static let sweep: RunRecord = {
        let causes = EfficiencyLoss.Cause.allCases
        let counts = [1, 2, 16]
        var record = Samples.record(
            counts.map { count in
                Samples.point(
                    workers: count,
                    milliseconds: 1_079.8 / Double(count),
                    single: 1_000,
                    trials: count == 2 ? 5 : 12,
                    status: count == 16 ? .mistrusted : .agrees,
                    faults: count == 16
                        ? [Fault(worker: 1, shard: 17, reason: "killed by signal 9", trial: 4)] : []
                )
            }
        )
        record.analysis = ScalingAnalysis(
            points: counts.map { count in
                ScalingPoint(
                    workers: count,
                    speedup: Estimate(10.86, lowerBound: 10.8, upperBound: 10.92),
                    efficiency: Estimate(0.93, lowerBound: 0.9, upperBound: 0.96),
                    speedupOverThreads: nil,
                    serialFraction: Estimate(0.075, lowerBound: 0.071, upperBound: 0.079),
                    losses: causes.map { EfficiencyLoss($0, fraction: -0.047) }
                )
            },
            models: [ScalingModelFit(model: .amdahl, refusal: "there is one worker count")],
            recommendation: WorkerRecommendation(workers: 2, reason: "nothing was faster")
        )
        return record
    }()

    private static let kernel: KernelRecord = {
        var row = Samples.kernelRow(16_384, mask: .none, fraction: 0.91)
        row.shape?.keyValueHeads = 2
        row.shape?.valueDimension = 64
        return Samples.kernel([row, Samples.kernelRow(128, mask: .none, fraction: 0.81)])
    }()

    /// Rows of the suite, one of them a product.
    private static let suite: KernelRecord = {
        var rows = [128, 256].map { Samples.kernelRow($0, mask: .none, fraction: 0.91) }
        rows[0].name = "longformer:window=256,global=0+1, 8×4096, D 64"
        rows[1].name = "product 2048×2048×2048"
        (rows[1].shape, rows[1].mask) = (nil, nil)
        rows[1].product = ProductShape(rows: 2048, columns: 2048, depth: 2048)
        for index in rows.indices { rows[index].status = .agrees }
        return Samples.kernel(rows)
    }()

    private static let comparison: CompareRecord = {
        let side = ComparedSide(
            path: "plan.json",
            plan: RunPlan(),
            hostFingerprint: "0",
            instructionSet: "avx512"
        )
        var record = CompareRecord(
            form: .plans,
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: [],
            first: side,
            second: side,
            rule: CompareRule(confidence: 0.99),
            notes: ["A and B differ in schedule dynamic and static, split batch and rows"]
        )
        record.points = [1, 16, 1000].map { workers in
            let samples: [[UInt64]] = (0..<8).map { [1_040_000_000 + $0 * 1_000_000] }
            var point = ComparedPoint(
                workers: workers,
                threads: [1, 1],
                firstNanoseconds: samples,
                secondNanoseconds: Array(samples.prefix(7))
            )
            point.comparePairs(record.rule, points: 3, secondsPerPair: 1)
            for index in point.statistics.indices {
                point.statistics[index].comparison?.verdict = .ambiguous
            }
            return point
        }
        return record
    }()

    private static let catalogue: VerifyRecord = {
        var record = VerifyRecord(
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: [],
            seed: 1,
            randomCases: 200,
            instructionSets: [.baseline, .avx2, .avx512],
            workers: [1, 2, 3]
        )
        record.rows = (0..<1200).map { index in
            VerifyRow(
                name: "\(index)",
                feature: "exact-permutation of grouped heads",
                specification: "",
                instructionSet: .avx512,
                clusterComparisons: 1234,
                verification: sweep.points[0].verification
            )
        }
        return record
    }()

    private static let oneCase: VerifyRecord = {
        var record = catalogue
        record.rows = Array(record.rows.prefix(3))
        for row in record.rows.indices { record.rows[row].feature = VerifyRow.givenCase }
        return record
    }()

    private static func tables(_ style: Style) -> [(name: String, text: String)] {
        [
            ("scale", sweep.table(style)),
            (
                "run",
                Samples.record([sweep.points[2]]).table(style)
            ),
            ("kernel", kernel.table(style)),
            ("suite", suite.table(style)),
            ("compare", comparison.table(style)),
            ("verify", oneCase.table(style)),
            ("catalogue", catalogue.table(style)),
            ("host", HostTable.rendered(Samples.host, roofs: kernel.roofs, style: style)),
        ]
    }

    @Test(arguments: [60, 61, 66, 72, 79, 80, 100, 120])
    func `no line is wider than the terminal`(columns: Int) {
        for (name, text) in Self.tables(.terminal(columns)) {
            for line in text.split(separator: "\n") {
                #expect(displayWidth(line) <= columns, "\(name): \(line)")
                #expect(line.last != " ", "\(name): \(line)")
            }
        }
    }

    @Test func `sixty columns keep what the sentences refer to`() {
        let texts = Dictionary(uniqueKeysWithValues: Self.tables(.terminal(60)).map { ($0, $1) })
        let expected: [(String, [String])] = [
            ("scale", ["median", "±", "up", "threads", "status"]),
            ("scale", ["pute", "queue", "fer", "merge", "idle", "faults"]),
            ("scale", ["pute", "queue", "fer", "merge", "ance", "idle"]),
            ("run", ["pute", "queue", "fer", "merge", "idle"]),
            ("kernel", ["length", "D", "mask", "median", "/s", "peak"]),
            ("suite", ["case", "median", "/s", "peak", "status"]),
            ("compare", ["time", "A", "B", "B/A", "interval", "B", "is"]),
            ("verify", ["error", "allowed", "status"]),
            ("catalogue", ["AGREES", "TRUSTED", "bits", "allowed"]),
        ]
        for (name, titles) in expected {
            let lines = (texts[name] ?? "").split(separator: "\n").map(String.init)
            let isThere = lines.indices.dropFirst().contains { index in
                let found = Set(lines[index - 1].split(separator: " ").map(String.init))
                return lines[index].hasPrefix("─") && found.isSuperset(of: titles)
            }
            #expect(isThere, "\(name) lacks some of \(titles):\n\(texts[name] ?? "")")
        }
    }

    @Test func `columns are left out in their order`() {
        var table = TextTable([
            .number("first"), .number("second", leaves: 2), .number("third", leaves: 1),
            .number("fourth", narrow: "fou-\nrth", leaves: 3),
        ])
        table.addRow(["1", "2", "3", "4"])
        func titles(_ columns: Int) -> String {
            let lines = table.rendered(style: .terminal(columns)).split(separator: "\n")
            return lines.prefix { !$0.hasPrefix("─") }.joined(separator: "/")
        }
        #expect(titles(28) == "first  second  third  fourth")
        #expect(titles(25) == "first second third fourth")
        #expect(titles(24) == "                   fou-/first second third  rth")
        #expect(titles(22) == "               fou-/first  second   rth")
        #expect(titles(15) == "       fou-/first   rth")
        #expect(titles(9) == "first")
        #expect(titles(1) == "first")
        #expect(table.markdown().contains("| first | second | third | fourth |"))
    }

    @Test func `words are cut before a column is left out`() {
        var table = TextTable([.words("name"), .number("n", leaves: 1)])
        table.addRow(["a name of thirty letters or more", "1"])
        #expect(table.rendered(style: .terminal(18)).contains("a name of thirt… 1\n"))
        let without = table.rendered(style: .terminal(17))
        #expect(without.contains("a name of thirty…\n"), "\(without)")
    }

    @Test func `a file or a pipe gets every column`() {
        for (name, text) in Self.tables(.plain) {
            for word in [
                "scale": ["GFLOP/s", "efficiency", "received", "redone", "rest"],
                "run": ["shards", " in ", " out"], "kernel": ["thr", "B×H", "error"],
                "suite": ["product 2048×2048×2048", "error"],
                "compare": ["trials", "cates"],
                "verify": ["ulp", "rms", "rows"],
                "catalogue": ["runs", "EXACT"],
            ][name] ?? [] {
                #expect(text.contains(word), "\(name) lacks \(word)")
            }
        }
    }

    @Test func `a terminal and a file get the same table if it fits`() {
        var plain = Style.plain
        plain.columns = 160
        for (wide, other) in zip(Self.tables(.terminal(160)), Self.tables(plain)) {
            #expect(wide.text == other.text, "\(wide.name)")
        }
    }
}
