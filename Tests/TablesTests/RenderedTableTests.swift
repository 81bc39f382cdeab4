import Testing
import Work

@testable import Host
@testable import Plan
@testable import Record
@testable import Statistics
@testable import Tables

struct RenderedTableTests {
    private static let fault = Fault(worker: 1, shard: 17, reason: "killed by signal 9", trial: 4)

    private static let sweep = [
        Samples.point(
            workers: 1,
            milliseconds: 79.8,
            shares: .init(compute: 0.98, queue: 0, transfer: 0.012, merge: 0.004, idle: 0.004)
        ),
        Samples.point(workers: 2, milliseconds: 42.1, faults: [fault]),
    ]

    /// A text on one line, so that a phrase can be found across its line ends.
    private static func unwrapped(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func `the lines around a sweep's tables hold its figures`() {
        let record = Samples.record(Self.sweep)
        let expected: [(text: String, words: [String])] = [
            (
                paragraph(Headlines.baseCases(of: record)),
                [
                    "1 thread", "avx512", "78.0 ms", "12", "220 GFLOP/s", "88 %", "FMA",
                    "2 threads", "39.9 ms", "431 GFLOP/s", "1.96",
                ]
            ),
            (
                Headlines.problem(record.plan),
                [
                    "batch 8", "heads 8", "1024 queries × 1024 keys", "head dimension 64",
                    "mask none", "uniform",
                ]
            ),
            (
                Headlines.cluster(of: record),
                ["resident", "ipc", "shared", "head", "dynamic", "1 thread"]
            ),
            (
                paragraph(Notes.verification(record.points)),
                ["5.4e-7", "1.2e-6", "float64", "256 of 65536"]
            ),
            (
                paragraph(Notes.problems(record.points)),
                ["2 workers", "worker 1", "shard 17", "trial 4", "killed by signal 9"]
            ),
            (
                record.sentence,
                [
                    "2 threads", "95 % (94 % to 96 %)", "2 workers", "1.86 (1.84 to 1.87)",
                    "\(TimeShares.Loss.transfer.phrase) (5 %)",
                ]
            ),
        ]
        for (text, words) in expected {
            let line = Self.unwrapped(text)
            for word in words { #expect(line.contains(word), "\(word): \(line)") }
        }
    }

    @Test func `a sweep begins with its base case and ends with its verdict`() {
        let record = Samples.record(Self.sweep)
        let expected = """
            \(paragraph(record.presentation.headlines))
                                                effi-     vs N
            workers   median       ±  speedup  ciency  threads  GFLOP/s  bits   status
            ───────  ───────  ──────  ───────  ──────  ───────  ───────  ─────  ──────
                  1  79.7 ms  ±0.7 %     0.98    98 %     1.00      215  equal  AGREES
                  2  42.1 ms  ±0.7 %     1.86    93 %     0.95      408  equal  AGREES

            \(record.presentation.tables.compactMap(\.title).joined())
            workers  compute  queue  transfer  merge   idle   sent  received  redone  faults
            ───────  ───────  ─────  ────────  ─────  ─────  ─────  ────────  ──────  ──────
                  1     98 %  0.0 %     1.2 %  0.4 %  0.4 %  8 KiB  16.0 MiB       0       0
                  2     93 %  1.0 %     5.0 %  0.5 %  0.5 %  8 KiB  16.0 MiB       1       1

            \(paragraph(Notes.verification(record.points) + Notes.problems(record.points)))
            \(wrapped(record.sentence, columns: 80, indent: ""))

            """
        #expect(record.table() == expected)
    }

    @Test(
        arguments: [
            (OutputRoute.messages, ["messages"]), (.shared, ["shared"]), (nil, []),
        ] as [(OutputRoute?, [String])]
    )
    func `the headline names the route of outputs if the record has one`(
        outputs: OutputRoute?,
        words: [String]
    ) {
        var record = Samples.record(Self.sweep)
        for point in record.points.indices { record.points[point].outputs = outputs }
        let line = Headlines.cluster(of: record)
        #expect(["messages", "shared"].filter { line.contains($0) } == words, "\(line)")
    }

    @Test func `the base case has the roof that binds it`() {
        var record = Samples.record(Self.sweep)
        record.roofs = MeasuredRoofs(
            fmaGigaflopsPerSecond: 250,
            readGigabytesPerSecond: 30,
            linkGigabytesPerSecond: 5
        )
        #expect(record.readingOfSingleThread == nil)
        let bound = Headlines.baseCases(of: record).joined(separator: " ")
        #expect(bound.contains("88 %") && bound.contains("FMA"), "\(bound)")
        // Reading keys and values of 2 GiB takes longer than multiplying, which takes 69 ms.
        record.plan.batch = 1
        record.plan.heads = 32
        record.plan.keyValueHeads = 32
        record.plan.length = 1
        record.plan.keyLength = 65_536
        record.plan.headDimension = 128
        record.plan.valueDimension = 128
        let lines = Headlines.baseCases(of: record).joined(separator: " ")
        #expect(lines.contains("27.5 GB/s") && lines.contains("92 %"), "\(lines)")
        #expect(!lines.contains("FMA"), "\(lines)")
    }

    private static func analysed() -> RunRecord {
        var record = Samples.record(sweep)
        record.sampling = SamplingReport(
            warmupRounds: 6,
            warmupEnd: .steady,
            rounds: 12,
            replicates: 3,
            end: .budget,
            targetInterval: 0.01,
            widestInterval: 0.023,
            intervalBasis: .replicates
        )
        record.warnings = [
            MeasurementWarning(
                .drift,
                subject: "2 workers",
                sentence: "trials became 4 % slower",
                remedy: "let the machine cool"
            )
        ]
        record.analysis = ScalingAnalysis(
            points: [
                ScalingPoint(
                    workers: 2,
                    speedup: Estimate(1.86, lowerBound: 1.8, upperBound: 1.92),
                    efficiency: Estimate(0.93, lowerBound: 0.9, upperBound: 0.96),
                    speedupOverThreads: nil,
                    serialFraction: Estimate(0.075),
                    losses: [
                        EfficiencyLoss(.compute, fraction: 0.03),
                        EfficiencyLoss(.transfer, fraction: 0.05),
                        EfficiencyLoss(.unexplained, fraction: -0.01),
                    ]
                )
            ],
            models: [
                ScalingModelFit(model: .amdahl, refusal: "there is one worker count"),
                ScalingModelFit(
                    model: .universalScalability,
                    parameters: [
                        .init(
                            name: "contention",
                            estimate: Estimate(0.04, lowerBound: 0.02, upperBound: 0.06)
                        )
                    ],
                    leaveOneOutError: 0.031,
                    peakWorkers: 17.4
                ),
            ],
            recommendation: WorkerRecommendation(workers: 2, reason: "nothing was faster")
        )
        return record
    }

    @Test func `analysis, sampling and warnings stand below the times of a sweep`() throws {
        let record = Self.analysed()
        let analysis = try #require(record.analysis)
        let titles = AnalysisTable.tables(analysis).compactMap(\.title)
        try #require(titles.count == 2)
        let page = record.table()
        let expected = """
            \(titles[0])
                                                           serial
            workers  speedup  95 % interval  efficiency  fraction  95 % interval
            ───────  ───────  ─────────────  ──────────  ────────  ─────────────
                  2     1.86    1.80 … 1.92        93 %     7.5 %              –

            \(titles[1])
            workers  efficiency  compute  queue  transfer  merge  imbalance  idle    rest
            ───────  ──────────  ───────  ─────  ────────  ─────  ─────────  ────  ──────
                  2        93 %    3.0 %      –     5.0 %      –          –     –  -1.0 %

            \(paragraph(AnalysisTable.findings(analysis)))
            \(paragraph(Notes.sampling(record)))
            """
        #expect(page.contains(expected), "\(page)")
        #expect(
            page.contains("Warning: 2 workers: trials became 4 % slower; let the machine cool\n")
        )
        let models = AnalysisTable.findings(analysis)
        #expect(models.count == 2)
        #expect(models.first?.contains("there is one worker count") == true, "\(models)")
        for word in ["contention 4.0 % (2.0 % … 6.0 %)", "3.1 %", "17 workers"] {
            #expect(models.last?.contains(word) == true, "\(word): \(models)")
        }
        let sampling = Notes.sampling(record).joined()
        for word in ["12 rounds", "3 replicates", "±1.0 %", "±2.3 %"] {
            #expect(sampling.contains(word), "\(word): \(sampling)")
        }
    }

    @Test func `the line on sampling differs for every end and basis`() {
        func line(_ change: (inout SamplingReport) -> Void) -> String {
            var record = Self.analysed()
            if var sampling = record.sampling {
                change(&sampling)
                record.sampling = sampling
            }
            return Notes.sampling(record).joined()
        }
        let ends = SamplingReport.End.allCases.map { end in line { $0.end = end } }
        #expect(Set(ends).count == ends.count, "\(ends)")
        for end in ends { #expect(end.contains("±2.3 %"), "\(end)") }
        for end in [SamplingReport.End.interval, .budget, .replicates] {
            let text = line {
                $0.end = end
                $0.targetInterval = 0.02
            }
            #expect(text.contains("±2.0 %"), "\(text)")
        }
        let asked = line {
            $0.end = .trials
            $0.targetInterval = nil
        }
        #expect(asked.count { $0 == "±" } == 1, "\(asked)")
        #expect(line { $0.intervalBasis = .trials } != line { $0.intervalBasis = .replicates })
        #expect(line { $0.warmupEnd = .budget } != line { $0.warmupEnd = .steady })
    }

    @Test func `impossible serial fractions are explained`() {
        var record = Self.analysed()
        func notes() -> [String] {
            AnalysisTable.serialFractionNotes(record.analysis?.points ?? [])
        }
        #expect(notes().isEmpty)
        for (fraction, limit) in [(1.37, "100 %"), (-0.02, " 0 %")] {
            record.analysis?.points[0].serialFraction = Estimate(fraction)
            #expect(notes().count == 1)
            let note = notes().first ?? ""
            #expect(note.contains(limit) && note.contains("2 workers"), "\(note)")
            #expect(Self.unwrapped(record.table()).contains(note))
            #expect(record.markdown.contains("- \(note)"))
        }
    }

    @Test(
        arguments: [
            (
                WorkerRecommendation(workers: 0, threads: 2, bestWorkers: 2, reason: "REASON"),
                "2 threads"
            ),
            (
                WorkerRecommendation(workers: 0, threads: 1, bestWorkers: 2, reason: "REASON"),
                "1 thread"
            ),
            (WorkerRecommendation(workers: 2, bestWorkers: 2, reason: "REASON"), "2 workers"),
        ]
    )
    func `the last sentence has the advice of the analysis`(
        recommendation: WorkerRecommendation,
        advice: String
    ) throws {
        var record = Self.analysed()
        record.analysis?.recommendation = recommendation
        let sentence = record.sentence
        let reason = try #require(sentence.firstRange(of: "REASON"), "\(sentence)")
        #expect(sentence[..<reason.lowerBound].contains(advice), "\(sentence)")
        #expect(
            record.table().hasSuffix("\(wrapped(sentence, columns: 80, indent: ""))\n")
        )
    }

    /// An older record does not name the cluster of its advice.
    @Test func `the advice of an older record is made from its samples`() throws {
        var record = Self.analysed()
        record.analysis?.recommendation = WorkerRecommendation(workers: 9, reason: "so")
        let advice = try #require(record.recommendation)
        #expect(advice.workers != 9 && advice.bestWorkers == 2 && advice.reason != "so")
    }

    @Test func `an exact answer allows no error`() {
        let exact = VerificationSummary(
            status: .exact,
            bitwiseEqual: true,
            maxAbsoluteError: 0,
            boundMaxAbsolute: 0,
            rowsChecked: 9,
            rowsTotal: 9
        )
        let text = Notes.description(of: exact)
        let numbers = text.split { !$0.isNumber }
        #expect(numbers.contains("0") && numbers.contains("9"), "\(text)")
        let unbounded = VerificationSummary(
            status: .exact,
            bitwiseEqual: true,
            maxAbsoluteError: 0,
            rowsChecked: 9,
            rowsTotal: 9
        )
        #expect(Notes.description(of: unbounded) != text, "the bound is missing: \(text)")
    }

    @Test(arguments: [OutputProof.written, .computed, nil])
    func `a check names the proof if the record has one`(
        _ proof: OutputProof?
    ) {
        let found = VerificationSummary(status: .agrees, bitwiseEqual: true, proof: proof)
        let text = Notes.description(of: found)
        for word in [OutputProof.written, .computed] {
            #expect(text.contains(word.rawValue) == (word == proof), "\(text)")
        }
    }

    @Test func `the sentence names the largest known loss of the table`() {
        var record = Self.analysed()
        record.analysis?.points[0].losses = [
            EfficiencyLoss(.compute, fraction: 0.03), EfficiencyLoss(.imbalance, fraction: 0.2),
            EfficiencyLoss(.unexplained, fraction: 0.3),
        ]
        let sentence = record.sentence
        #expect(sentence.contains("(20 %)"), "\(sentence)")
        for percent in ["(3 %)", "(30 %)"] { #expect(!sentence.contains(percent), "\(sentence)") }
    }

    @Test func `Markdown has the analysis too`() {
        let record = Self.analysed()
        let page = record.markdown
        #expect(page.contains("| 2 | 1.86 | 1.80 … 1.92 | 93 % | 7.5 % | – |"), "\(page)")
        #expect(page.contains("- \(Notes.sampling(record)[0])\n"), "\(page)")
        #expect(page.contains("- Warning: 2 workers: trials became 4 % slower"))
    }

    @Test func `a run shows every worker`() throws {
        let record = Samples.record([Self.sweep[1]])
        let text = record.table()
        let title = try #require(TimeTable.byWorker(Self.sweep[1])?.title)
        #expect(title.contains(" ms"), "\(title)")
        let workers = """
            \(title)
                                                                          off
            worker  shards  compute  queue  transfer  merge   idle  cpu  core     in       out
            ──────  ──────  ───────  ─────  ────────  ─────  ─────  ───  ────  ─────  ────────
                 0      32    39.11   0.42      2.10   0.21   0.21    –     –  4 KiB  8.00 MiB
                 1      32    39.11   0.42      2.10   0.21   0.21    –     –  4 KiB  8.00 MiB
               all             93 %  1.0 %     5.0 %  0.5 %  0.5 %

            """
        #expect(text.contains(workers))
        #expect(text.hasPrefix(paragraph(Headlines.baseCases(of: record))))
        let sentence = record.sentence
        #expect(text.hasSuffix("\n\(wrapped(sentence, columns: 80, indent: ""))\n"))
    }

    /// A sentence that an older build wrote may contradict the tables.
    @Test func `the last sentence is made from the figures`() {
        var record = Samples.record(Self.sweep)
        let page = record.table()
        record.verdict = Verdict(reasons: [], sentence: "So be it.")
        #expect(record.table() == page)
    }

    /// Tables of the longest words and widest numbers.
    private static var everything: [(name: String, text: String)] {
        let faults = (0..<9).map {
            Fault(worker: 100 + $0, shard: 65_535, reason: "silent for 2.0 s", trial: 11)
        }
        let bad = [
            Samples.point(workers: 1, milliseconds: 1_079.8, status: .unchecked, isEqual: nil),
            Samples.point(
                workers: 128,
                milliseconds: 142.1,
                trials: 5,
                status: .mistrusted,
                isEqual: false,
                faults: faults
            ),
            Samples.point(workers: 2, milliseconds: 1, trials: 0, status: .disagrees),
        ]
        var row = Samples.kernelRow(16_384, mask: .none, fraction: 0.91)
        row.shape?.keyValueHeads = 2
        row.shape?.valueDimension = 64
        let kernels = KernelRecord(
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: [],
            roofs: RoofMeasurement(
                fmaGigaflopsPerSecond: 250,
                readGigabytesPerSecond: 41,
                instructionSet: "avx512"
            ),
            rows: [row, Samples.kernelRow(128, mask: .none, fraction: 0.81)]
        )
        let checks = VerifyRecord(
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: [],
            seed: 1,
            randomCases: 0,
            instructionSets: [.avx512],
            workers: [1],
            rows: bad.map {
                VerifyRow(
                    name: "a",
                    feature: "causal",
                    specification: "",
                    instructionSet: .avx512,
                    clusterComparisons: 1,
                    verification: $0.verification
                )
            }
        )
        return [
            ("scale", Samples.record(bad).table(.terminal())),
            ("empty", Samples.record([], baseCases: []).table(.terminal())),
            ("run", Samples.record([bad[1]]).table(.terminal())),
            ("kernel", kernels.table(.terminal())),
            ("host", HostTable.rendered(Samples.host, roofs: kernels.roofs, style: .terminal())),
            ("verify", checks.table(.terminal())),
        ]
    }

    @Test func `every table fits a terminal, and no line ends in a blank`() {
        for (name, text) in Self.everything {
            #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"), "\(name)")
            for line in text.split(separator: "\n") {
                #expect(displayWidth(line) <= 80, "\(name): \(line)")
                #expect(line.last != " ", "\(name): \(line)")
            }
        }
    }

    @Test func `different results of checks name their points`() {
        let wrong = Samples.point(workers: 4, milliseconds: 40, status: .disagrees, isEqual: false)
        let record = Samples.record(Self.sweep + [wrong])
        let checks = Notes.verification(record.points)
        #expect(checks.count == 3)
        for (check, workers) in zip(checks, ["1 worker", "2 workers", "4 workers"]) {
            #expect(check.contains(workers), "\(check)")
            #expect(check.contains("64 element") == (workers == "4 workers"), "\(check)")
        }
        let text = record.table()
        #expect(text.contains("\n\(paragraph(Notes.verification(record.points)))"))
        #expect(text.contains("\n4 workers: DISAGREES: 64 elements differ from one process.\n"))
    }

    @Test func `too few trials have a spread instead of an interval`() {
        let few = Samples.record([Samples.point(workers: 2, milliseconds: 42, trials: 5)])
        #expect(few.table().contains("~0.2 %"))
        #expect(few.table().contains("6 trials"))
        #expect(!Samples.record([Self.sweep[1]]).table().contains("~"))
        // One trial has no spread, either.
        let one = Samples.record([Samples.point(workers: 2, milliseconds: 42, trials: 1)])
        #expect(!one.table().contains("~"))
    }

    @Test func `an INVALID time is marked in its row and explained below`() {
        var point = Self.sweep[1]
        point.verdict = Verdict(reasons: ["faster than the FMA peak"], sentence: "")
        let text = Samples.record([point]).table()
        #expect(text.contains("equal  INVALID\n"))
        #expect(text.contains("2 workers: INVALID: faster than the FMA peak\n"))
    }

    @Test func `an unchecked output has no figures`() {
        let verification = VerificationSummary(status: .unchecked, bitwiseEqual: nil)
        let text = Notes.description(of: verification)
        #expect(!text.isEmpty && !text.contains { $0.isNumber }, "\(text)")
        #expect(!text.contains("float64"), "\(text)")
    }

    @Test func `a row of a kernel has its problem, speed and share of the roof`() throws {
        let mask = try MaskSpecification("causal")
        let record = KernelRecord(
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: [],
            roofs: RoofMeasurement(
                fmaGigaflopsPerSecond: 249.8,
                readGigabytesPerSecond: 41.23,
                instructionSet: "avx512"
            ),
            rows: [
                Samples.kernelRow(128, mask: .none, fraction: 0.81),
                Samples.kernelRow(16_384, mask: mask, fraction: 0.912),
            ],
            exitCode: 0
        )
        let headline = record.presentation.headlines[0]
        for word in ["avx512", "250 GFLOP/s", "41.2 GB/s"] {
            #expect(headline.contains(word), "\(headline)")
        }
        let expected = """
            \(wrapped(headline, columns: 80))

                                                                               of    at
            isa     thr  B×H  length    D  mask     median       ±  GFLOP/s  peak  best   error
            ──────  ───  ───  ──────  ───  ──────  ───────  ──────  ───────  ────  ────  ──────
            avx512    1  1×8     128  128  none    1.54 ms  ±0.6 %      203  81 %  83 %  5.4e-7
            avx512    1  1×8   16384  128  causal   197 ms  ±0.6 %      228  91 %  93 %  5.4e-7

            """
        let sentence = "\n\(wrapped(record.sentence, indent: ""))\n"
        #expect(record.table() == expected + sentence)
        #expect(record.sentence.contains("91 %"), "\(record.sentence)")
        var doubtful = record
        doubtful.warnings = [
            MeasurementWarning(.drift, subject: "avx512 128, D 128", sentence: "a", remedy: "b")
        ]
        #expect(
            doubtful.table() == expected + "\nWarning: avx512 128, D 128: a; b\n" + sentence
        )
        #expect(doubtful.markdown.hasSuffix("- Warning: avx512 128, D 128: a; b\n"))
    }

    @Test func `the host table lists every problem of the host`() {
        var host = Samples.host
        host.loadAverage = [3.5, 1, 1]
        host.isVirtualMachine = true
        let text = HostTable.rendered(host)
        #expect(text.contains("processor    Imaginary 9000\n"))
        #expect(text.contains(" 0–1\n"))
        let problems = host.benchmarkingAdvice
        #expect(problems.contains { $0.contains("3.5") }, "\(problems)")
        for problem in problems {
            #expect(text.contains("- \(problem.prefix(40))"), "\(text)")
        }
        host.isVirtualMachine = false
        #expect(host.benchmarkingAdvice.count == problems.count - 1)
        #expect(Units.ranges([0, 1, 2, 5, 7, 8]) == "0–2, 5, 7–8")
    }
}
