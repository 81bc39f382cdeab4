import Experiment
import Testing
import Timing
import Work

@testable import Report

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

    @Test func `a sweep begins with its base case and ends with its worth`() {
        let expected = """
            Base case: 1 process, 1 thread, avx512, 78.0 ms (median of 12), 220 GFLOP/s =
              88 % of this core's measured FMA peak
            Also: 1 process, 2 threads, 39.9 ms, 431 GFLOP/s, worth 1.96 of one thread
            Attention: batch 8, heads 8, 1024 queries × 1024 keys, head dimension 64, mask
              none, uniform values
            Cluster: resident plane over ipc, outputs in shared memory, split by head,
              dynamic schedule, 1 thread each

                                                effi-     vs N
            workers   median       ±  speedup  ciency  threads  GFLOP/s  bits   status
            ───────  ───────  ──────  ───────  ──────  ───────  ───────  ─────  ──────
                  1  79.7 ms  ±0.7 %     0.98    98 %     1.00      215  equal  AGREES
                  2  42.1 ms  ±0.7 %     1.86    93 %     0.95      408  equal  AGREES

            Where the workers' time went, and bytes per trial:
            workers  compute  queue  transfer  merge   idle   sent  received  redone  faults
            ───────  ───────  ─────  ────────  ─────  ─────  ─────  ────────  ──────  ──────
                  1     98 %  0.0 %     1.2 %  0.4 %  0.4 %  8 KiB  16.0 MiB       0       0
                  2     93 %  1.0 %     5.0 %  0.5 %  0.5 %  8 KiB  16.0 MiB       1       1

            Checked: every bit equal to one process; largest error 5.4e-7 (1.2e-6 allowed)
              against float64 in 256 of 65536 rows
            2 workers: worker 1, shard 17, trial 4: killed by signal 9

            Use one process with 2 threads, without a cluster: it took 95 % (94 % to 96 %)
            of the time of 2 workers, which were worth 1.86 (1.84 to 1.87) of one thread;
            transfer (5 %) held them back.

            """
        #expect(ScaleTable.rendered(Samples.record(Self.sweep)) == expected)
    }

    @Test(arguments: [
        (OutputRoute.messages, "over ipc, outputs in messages, split"),
        (nil, "over ipc, split"),
    ])
    func `how outputs travelled is said where the record does`(
        outputs: OutputRoute?,
        words: String
    ) {
        var record = Samples.record(Self.sweep)
        for point in record.points.indices { record.points[point].outputs = outputs }
        #expect(Headlines.cluster(of: record).contains(words))
    }

    @Test func `the roof beside the base case is the one that binds it`() {
        var record = Samples.record(Self.sweep)
        record.roofs = MeasuredRoofs(
            fmaGigaflopsPerSecond: 250,
            readGigabytesPerSecond: 30,
            linkGigabytesPerSecond: 5
        )
        #expect(record.readingOfSingleThread == nil)
        #expect(Headlines.baseCases(of: record).contains("of this core's measured FMA peak"))
        // Keys and values of 2 GiB in 78 ms, which multiplying would need 69 ms for.
        record.plan.batch = 1
        record.plan.heads = 32
        record.plan.keyValueHeads = 32
        record.plan.length = 1
        record.plan.keyLength = 65_536
        record.plan.headDimension = 128
        record.plan.valueDimension = 128
        let lines = Headlines.baseCases(of: record, columns: 200)
        #expect(
            lines.contains("reading memory bounds it: 27.5 GB/s = 92 % of what this core"),
            "\(lines)"
        )
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

    @Test func `a sweep's analysis, sampling and warnings stand below its times`() {
        let page = ScaleTable.rendered(Self.analysed())
        let expected = """
            Scaling against one process with one thread:
                                                           serial
            workers  speedup  95 % interval  efficiency  fraction  95 % interval
            ───────  ───────  ─────────────  ──────────  ────────  ─────────────
                  2     1.86    1.80 … 1.92        93 %     7.5 %              –

            Efficiency and what it was lost to, which make up 100 %:
            workers  efficiency  compute  queue  transfer  merge  imbalance  idle    rest
            ───────  ──────────  ───────  ─────  ────────  ─────  ─────────  ────  ──────
                  2        93 %    3.0 %      –     5.0 %      –          –     –  -1.0 %

            Amdahl's law: not fitted, there is one worker count
            Universal Scalability Law: contention 4.0 % (2.0 % … 6.0 %), predicts a point
              left out within 3.1 %, slower beyond 17 workers

            Sampled: 12 rounds in 3 replicates, until the budget was spent (±1.0 % was asked
              for), the widest interval ±2.3 % between replicates
            """
        #expect(page.contains(expected), "\(page)")
        #expect(
            page.contains("Warning: 2 workers: trials became 4 % slower; let the machine cool\n")
        )
    }

    @Test(
        arguments: [
            (SamplingReport.End.interval, 0.02, "until every median was known to ±2.0 %"),
            (
                .replicates, 0.02,
                "as many as would do if these did not differ (±2.0 % was asked for)"
            ),
            (.trials, nil, "in 3 replicates, as asked, the widest interval ±2.3 %"),
        ] as [(SamplingReport.End, Double?, String)]
    )
    func `how sampling ended is said, with what was asked for`(
        end: SamplingReport.End,
        target: Double?,
        words: String
    ) {
        var record = Self.analysed()
        record.sampling?.end = end
        record.sampling?.targetInterval = target
        record.sampling?.intervalBasis = .trials
        record.sampling?.warmupEnd = .budget
        let line = Notes.sampling(record, columns: 400)
        #expect(line.contains(words), "\(line)")
        #expect(line.contains("asked for") == (end == .replicates), "\(line)")
        #expect(line.contains("±2.3 % between the trials of one replicate"), "\(line)")
        #expect(line.hasSuffix("; warming up was cut short\n"), "\(line)")
    }

    @Test func `serial fractions that are no part of a work are explained`() throws {
        let page = ScaleTable.rendered(Self.analysed())
        #expect(!page.contains("Serial fraction"))
        var record = Self.analysed()
        record.analysis?.points[0].serialFraction = Estimate(1.37)
        let text = "Serial fraction above 100 %: 2 workers took longer than one process"
        #expect(ScaleTable.rendered(record).contains(text))
        #expect(MarkdownTable.rendered(record).contains("- \(text)"))
        record.analysis?.points[0].serialFraction = Estimate(-0.02)
        #expect(ScaleTable.rendered(record).contains("below 0 %: 2 workers were faster than so"))
    }

    @Test(
        arguments: [
            (
                WorkerRecommendation(workers: 0, threads: 2, bestWorkers: 2, reason: "so"),
                "2 threads"
            ),
            (
                WorkerRecommendation(workers: 0, threads: 1, bestWorkers: 2, reason: "so"),
                "1 thread"
            ),
            (WorkerRecommendation(workers: 2, bestWorkers: 2, reason: "so"), "2 workers"),
        ]
    )
    func `the last sentence advises what the analysis recommends`(
        recommendation: WorkerRecommendation,
        advice: String
    ) {
        var record = Self.analysed()
        record.analysis?.recommendation = recommendation
        let sentence = VerdictSentence.sentence(for: record)
        #expect(sentence.hasPrefix("Use "), "\(sentence)")
        #expect(sentence.contains("\(advice)"), "\(sentence)")
        #expect(sentence.contains(": so; "), "\(sentence)")
        #expect(
            ScaleTable.rendered(record).hasSuffix("\(wrapped(sentence, columns: 80, indent: ""))\n")
        )
    }

    /// An older record does not say which cluster its advice speaks of: it is made anew.
    @Test func `advice of an older record is made of its samples`() throws {
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
        #expect(text.contains("largest error 0 (none allowed) against float64"), "\(text)")
    }

    @Test(arguments: [OutputProof.written, .computed, nil])
    func `what is proved of the output is said, and nothing of an older record`(
        _ proof: OutputProof?
    ) {
        let found = VerificationSummary(status: .agrees, bitwiseEqual: true, proof: proof)
        let text = Notes.description(of: found)
        for word in [OutputProof.written, .computed] {
            #expect(text.contains(word.rawValue) == (word == proof), "\(text)")
        }
    }

    @Test func `the sentence names the cause that the table of losses names`() {
        var record = Self.analysed()
        record.analysis?.points[0].losses = [
            EfficiencyLoss(.compute, fraction: 0.03), EfficiencyLoss(.imbalance, fraction: 0.2),
            EfficiencyLoss(.unexplained, fraction: 0.3),
        ]
        let sentence = VerdictSentence.sentence(for: record)
        #expect(sentence.contains("waiting for the slowest worker (20 %)"), "\(sentence)")
    }

    @Test func `Markdown has the analysis, too`() {
        let page = MarkdownTable.rendered(Self.analysed())
        #expect(page.contains("| 2 | 1.86 | 1.80 … 1.92 | 93 % | 7.5 % | – |"), "\(page)")
        #expect(page.contains("- Sampled: 12 rounds in 3 replicates"))
        #expect(page.contains("- Warning: 2 workers: trials became 4 % slower"))
    }

    @Test func `one point is shown worker by worker`() {
        let text = RunTable.rendered(Samples.record([Self.sweep[1]]))
        let workers = """
            Mean per trial, times in ms:
                                                                          off
            worker  shards  compute  queue  transfer  merge   idle  cpu  core     in       out
            ──────  ──────  ───────  ─────  ────────  ─────  ─────  ───  ────  ─────  ────────
                 0      32    39.11   0.42      2.10   0.21   0.21    –     –  4 KiB  8.00 MiB
                 1      32    39.11   0.42      2.10   0.21   0.21    –     –  4 KiB  8.00 MiB
               all             93 %  1.0 %     5.0 %  0.5 %  0.5 %

            """
        #expect(text.contains(workers))
        #expect(text.hasPrefix("Base case: "))
        #expect(text.hasSuffix("held them back.\n"))
    }

    /// Sentences are drawn of figures: one that an older build wrote may contradict the tables.
    @Test func `what stands last is made of the figures`() {
        var record = Samples.record(Self.sweep)
        let page = ScaleTable.rendered(record)
        record.verdict = Verdict(reasons: [], sentence: "So be it.")
        #expect(ScaleTable.rendered(record) == page)
    }

    /// What goes wrong is long, and wide words meet wide numbers: no table may overflow then.
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
        row.shape.keyValueHeads = 2
        row.shape.valueDimension = 64
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
            ("scale", ScaleTable.rendered(Samples.record(bad), style: .terminal())),
            ("empty", ScaleTable.rendered(Samples.record([], baseCases: []), style: .terminal())),
            ("run", RunTable.rendered(Samples.record([bad[1]]), style: .terminal())),
            ("kernel", KernelTable.rendered(kernels, style: .terminal())),
            ("host", HostTable.rendered(Samples.host, roofs: kernels.roofs, style: .terminal())),
            ("verify", VerifyTable.renderedEach(checks, style: .terminal())),
        ]
    }

    @Test func `every table fits a terminal and trails no blanks`() {
        for (name, text) in Self.everything {
            #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"), "\(name)")
            for line in text.split(separator: "\n") {
                #expect(displayWidth(line) <= 80, "\(name): \(line)")
                #expect(line.last != " ", "\(name): \(line)")
            }
        }
    }

    @Test func `checks that found different things say whose they are`() {
        let wrong = Samples.point(workers: 4, milliseconds: 40, status: .disagrees, isEqual: false)
        let text = ScaleTable.rendered(Samples.record(Self.sweep + [wrong]))
        #expect(text.contains("\nChecked, 2 workers: every bit equal"))
        #expect(text.contains("\nChecked, 4 workers: 64 elements differ"))
        #expect(text.contains("\n4 workers: DISAGREES: 64 elements differ from one process.\n"))
    }

    @Test func `too few trials say that they give a spread only`() {
        let few = Samples.record([Samples.point(workers: 2, milliseconds: 42, trials: 5)])
        #expect(RunTable.rendered(few).contains("~0.2 %"))
        #expect(RunTable.rendered(few).contains("an interval takes 6 trials"))
        #expect(!RunTable.rendered(Samples.record([Self.sweep[1]])).contains("~"))
    }

    @Test func `a time that is not valid says so in its row and below`() {
        var point = Self.sweep[1]
        point.verdict = Verdict(reasons: ["faster than the FMA peak"], sentence: "")
        let text = RunTable.rendered(Samples.record([point]))
        #expect(text.contains("equal  INVALID\n"))
        #expect(text.contains("2 workers: INVALID: faster than the FMA peak\n"))
    }

    @Test func `what was not checked is not praised`() {
        let verification = VerificationSummary(status: .unchecked, bitwiseEqual: nil)
        #expect(Notes.description(of: verification).contains("nothing"))
    }

    @Test func `a kernel's row says what was computed and how near the roof it came`() throws {
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
        let expected = """
            Roofs of one core, avx512: 250 GFLOP/s of FMA, 41.2 GB/s of reading

                                                                               of    at
            isa     thr  B×H  length    D  mask     median       ±  GFLOP/s  peak  best   error
            ──────  ───  ───  ──────  ───  ──────  ───────  ──────  ───────  ────  ────  ──────
            avx512    1  1×8     128  128  none    1.54 ms  ±0.6 %      203  81 %  83 %  5.4e-7
            avx512    1  1×8   16384  128  causal   197 ms  ±0.6 %      228  91 %  93 %  5.4e-7

            """
        #expect(KernelTable.rendered(record) == expected)
        var doubtful = record
        doubtful.warnings = [
            MeasurementWarning(.drift, subject: "avx512 128, D 128", sentence: "a", remedy: "b")
        ]
        #expect(
            KernelTable.rendered(doubtful) == expected + "\nWarning: avx512 128, D 128: a; b\n"
        )
        #expect(MarkdownTable.rendered(doubtful).hasSuffix("- Warning: avx512 128, D 128: a; b\n"))
    }

    @Test func `the host table names every fault with its remedy`() {
        var host = Samples.host
        host.loadAverage = [3.5, 1, 1]
        host.isVirtualMachine = true
        let text = HostTable.rendered(host)
        #expect(text.contains("processor    Imaginary 9000\n"))
        #expect(text.contains("this process may use 0–1\n"))
        #expect(text.contains("- The load average of the last minute is 3.5"))
        #expect(text.contains("- This is a virtual machine"))
        #expect(HostTable.ranges([0, 1, 2, 5, 7, 8]) == "0–2, 5, 7–8")
    }
}
