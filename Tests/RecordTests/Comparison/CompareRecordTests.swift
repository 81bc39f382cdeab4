import Attention
import TestSupport
import Testing

@testable import Files
@testable import Host
@testable import Plan
@testable import Record
@testable import Statistics

/// Two stored records side by side.
struct CompareRecordTests {
    /// A record of a sweep with replicates whose times are `factor` of a tenth of a second.
    private static func record(
        factor: Double = 1,
        replicates: Int = 4,
        workers: [Int] = [1, 2]
    ) throws -> RunRecord {
        var record = try sampleRecord(points: 0)
        record.plan = RunPlan {
            $0.kind = .scale
            $0.workers = workers
            $0.outputs = .shared
        }
        for count in workers {
            var point = try samplePoint(workers: count)
            point.samples = (0..<replicates * 3).map { trial in
                TrialSample(
                    trial: trial,
                    replicate: trial % replicates,
                    wallNanoseconds: UInt64(factor * 1e8) + UInt64(trial * 1000),
                    workers: []
                )
            }
            point.faults = []
            record.points.append(point)
        }
        return record
    }

    private static func compare(
        _ first: RunRecord,
        _ second: RunRecord,
        form: CompareRecord.Form = .records,
        allowed: Set<Comparability> = []
    ) throws(ExperimentError) -> CompareRecord {
        var second = second
        second.started = "2025-11-22T01:24:00Z"
        return try CompareRecord.comparing(
            ("a.json", first),
            with: ("b.json", second),
            form: form,
            rule: CompareRule(confidence: 0.99),
            allowed: allowed,
            host: first.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "compare"]
        )
    }

    private static func refusal(
        _ first: RunRecord,
        _ second: RunRecord
    ) -> ExperimentError? {
        do {
            _ = try compare(first, second)
            return nil
        } catch {
            return error
        }
    }

    /// Whether a sentence names a side, A or B, as a word of its own.
    private static func names(_ side: String, _ sentence: String) -> Bool {
        sentence.split { !$0.isLetter }.contains { $0 == side }
    }

    @Test(arguments: [
        (1.2, TimeComparison.Verdict.slower, 20), (1, .same, 0), (0.8, .faster, 0),
    ])
    func `records of steady replicates are judged`(
        factor: Double,
        verdict: TimeComparison.Verdict,
        code: Int32
    ) throws {
        let result = try Self.compare(try Self.record(), try Self.record(factor: factor))
        #expect(result.points.map(\.workers) == [1, 2])
        #expect(result.points.flatMap(\.statistics).allSatisfy { $0.verdict == verdict })
        #expect(result.exitCode == code)
        #expect(result.verdict?.status == .valid)
        #expect(result.points[0].firstNanoseconds.map(\.count) == [3, 3, 3, 3])
    }

    @Test(arguments: [CompareRecord.Form.records, .baseline])
    func `a record is not compared with itself`(form: CompareRecord.Form) throws {
        let record = try Self.record()
        func compare(_ second: RunRecord) throws(ExperimentError) {
            _ = try CompareRecord.comparing(
                ("a.json", record),
                with: ("copy.json", second),
                form: form,
                rule: CompareRule(confidence: 0.99),
                allowed: [],
                host: record.host,
                started: "2025-11-21T01:24:00Z",
                commandLine: []
            )
        }
        do {
            try compare(record)
            Issue.record("a record was compared with itself")
        } catch {
            #expect(error.exitCode == 64)
            #expect(error.description.contains("copy.json"))
        }
        // A second run in the same second has other times.
        var other = record
        other.points[0].samples[0].wallNanoseconds += 1
        try compare(other)
    }

    @Test(arguments: [nil, 12] as [Int?])
    func `an undecided comparison names the flags that decide it`(trials: Int?) throws {
        func record(_ walls: [Double]) throws -> RunRecord {
            var record = try Self.record(workers: [2])
            record.plan.replicates = 3
            record.plan.trials = trials
            record.plan.budgetSeconds = 15
            record.points[0].samples = walls.enumerated().map {
                TrialSample(
                    trial: $0,
                    replicate: $0,
                    wallNanoseconds: UInt64($1 * 1e8),
                    workers: []
                )
            }
            return record
        }
        let result = try Self.compare(try record([1, 1.03, 1.06]), try record([1.1, 1.13, 1.16]))
        let point = try #require(result.points.first)
        let needed = point.statistics.compactMap { $0.comparison?.neededReplicates }.max() ?? 0
        let reason = try #require(point.reason)
        let flags =
            trials == nil
            ? "--replicates \(needed) --budget \(needed * 5)"
            : "--replicates \(needed) --trials \(needed * 4)"
        #expect(reason.contains(flags), "\(reason)")
    }

    @Test func `records without replicates are ambiguous`() throws {
        var old = try Self.record()
        for point in old.points.indices {
            for sample in old.points[point].samples.indices {
                old.points[point].samples[sample].replicate = nil
            }
        }
        let result = try Self.compare(old, try Self.record(factor: 3))
        #expect(result.exitCode == 22)
        for reason in result.points.map({ $0.reason ?? "" }) {
            #expect(Self.names("A", reason) && reason.contains("--replicates 5"), "\(reason)")
        }
    }

    @Test func `a slower point outweighs an ambiguous one`() throws {
        var second = try Self.record(factor: 1.2)
        second.points[0].samples = Array(second.points[0].samples.prefix(1))
        let result = try Self.compare(try Self.record(), second)
        #expect(result.points.map { $0[.mean]?.verdict } == [.ambiguous, .slower])
        #expect(result.exitCode == 20)
    }

    /// Killed; interrupted; interrupted with impossible figures.
    @Test(
        arguments: [
            (nil, nil), (Verdict(reasons: ["SIGTERM"], sentence: "", isFinished: false), 143),
            (Verdict(reasons: ["SIGTERM", "too fast"], sentence: ""), 130),
        ] as [(Verdict?, Int32?)]
    )
    func `an unfinished record is refused unless it is allowed`(
        verdict: Verdict?,
        exitCode: Int32?
    ) throws {
        var unfinished = try Self.record()
        unfinished.verdict = verdict
        unfinished.exitCode = exitCode
        for (first, second, name) in [
            (unfinished, try Self.record(), "A"), (try Self.record(), unfinished, "B"),
        ] {
            let refusal = try #require(Self.refusal(first, second))
            #expect(refusal.exitCode == 64)
            let problem = refusal.problem
            #expect(Self.names(name, problem) && problem.contains("UNFINISHED"), "\(problem)")
            #expect(refusal.remedy.contains("--allow unfinished"))
            let result = try Self.compare(first, second, allowed: [.unfinished])
            let notes = result.notes.filter { $0.contains("UNFINISHED") }
            #expect(notes.count == 1 && notes.allSatisfy { Self.names(name, $0) }, "\(notes)")
            let standings = [result.first.standing, result.second.standing]
            let other = name == "A" ? standings[1] : standings[0]
            #expect(standings.count { $0?.contains("UNFINISHED") == true } == 1)
            #expect(other == "VALID")
        }
    }

    @Test func `another machine is refused unless it is allowed`() throws {
        var other = try Self.record()
        other.host.hostName = "elsewhere"
        other.host.fingerprint = "0123456789abcdef"
        let refusal = try #require(Self.refusal(try Self.record(), other))
        #expect(refusal.exitCode == 64)
        for word in ["host", "elsewhere", "0123456789abcdef", "--allow host", "b.json"] {
            #expect(refusal.description.contains(word))
        }
        let result = try Self.compare(try Self.record(), other, allowed: [.host])
        #expect(result.exitCode == 0)
        #expect(result.notes.contains { $0.contains("elsewhere") })
    }

    @Test func `another plan is refused with its fields`() throws {
        var other = try Self.record()
        other.plan.length = 2048
        other.plan.schedule = .fixed
        let refusal = try #require(Self.refusal(try Self.record(), other))
        for word in ["1024", "2048", "dynamic", "static", "--allow plan"] {
            #expect(refusal.description.contains(word))
        }
        #expect(try Self.compare(try Self.record(), other, allowed: [.plan]).exitCode == 0)
        // Another budget is no other plan.
        var longer = try Self.record()
        longer.plan.budgetSeconds = 60
        #expect(Self.refusal(try Self.record(), longer) == nil)
    }

    @Test func `another instruction set and another commit are refused at once`() throws {
        var other = try Self.record()
        other.plan.instructionSet = .one(.baseline)
        other.host.commit = "def"
        var first = try Self.record()
        first.host.instructionSets = ["baseline", "avx2"]
        let refusal = try #require(Self.refusal(first, other))
        for word in ["avx2", "baseline", "abc", "def", "--allow isa,kernel"] {
            #expect(refusal.description.contains(word))
        }
        // An installed copy does not know its commit.
        var installed = try Self.record()
        installed.host.commit = nil
        #expect(Self.refusal(try Self.record(), installed) == nil)
    }

    @Test func `a baseline may be of another commit`() throws {
        var other = try Self.record(factor: 1.3)
        other.host.commit = "def"
        let result = try Self.compare(try Self.record(), other, form: .baseline)
        #expect(result.exitCode == 20)
        #expect(result.notes.contains { $0.contains("abc") && $0.contains("def") })
    }

    @Test func `records without a common point are refused`() throws {
        let refusal = try #require(
            Self.refusal(try Self.record(workers: [1, 2]), try Self.record(workers: [3]))
        )
        #expect(refusal.exitCode == 64)
        #expect(refusal.description.contains("1, 2") && refusal.description.contains("3"))
        let empty = try Self.record(workers: [])
        #expect(Self.refusal(empty, empty)?.exitCode == 64)
    }

    @Test func `a point of one record alone is left out and named`() throws {
        let result = try Self.compare(
            try Self.record(workers: [1, 2]),
            try Self.record(workers: [2, 4])
        )
        #expect(result.points.map(\.workers) == [2])
        #expect(result.notes.contains { Self.names("A", $0) && $0.contains("1 worker") })
        #expect(result.notes.contains { Self.names("B", $0) && $0.contains("4 workers") })
    }

    @Test(arguments: [(.disagrees, 10), (.mistrusted, 11)] as [(VerificationStatus, Int32)])
    func `no time of a wrong output is compared`(status: VerificationStatus, code: Int32) throws {
        var wrong = try Self.record(factor: 0.5)
        wrong.points[1].verification.status = status
        let result = try Self.compare(try Self.record(), wrong)
        #expect(result.exitCode == code)
        #expect(result.verdict?.status == .invalid)
        let reason = try #require(result.verdict?.reasons.first)
        #expect(Self.names("B", reason) && reason.contains("2 workers"), "\(reason)")
    }

    @Test func `an impossible time is not compared`() throws {
        var wrong = try Self.record()
        wrong.points[0].verdict = Verdict(reasons: ["faster than light"], sentence: "")
        let result = try Self.compare(wrong, try Self.record())
        #expect(result.exitCode == 12)
        #expect(result.verdict?.reasons.first?.contains("faster than light") == true)
    }

    @Test func `a change of the base case is noted, a change of the cluster alone is not`() throws {
        func base(_ factor: Double) throws -> BaseCase {
            let samples = (0..<12).map { UInt64(8e7 * factor) + UInt64($0) }
            return BaseCase(
                threads: 1,
                samplesNanoseconds: samples,
                summary: try #require(SampleSummary(nanoseconds: samples)),
                gigaflopsPerSecond: nil
            )
        }
        var first = try Self.record()
        first.baseCases = [try base(1)]
        var second = try Self.record(factor: 1.2)
        second.baseCases = [try base(1.2)]
        let changed = try Self.compare(first, second)
        #expect(changed.notes.contains { $0.contains("20.0 %") })
        second.baseCases = [try base(1)]
        #expect(try Self.compare(first, second).notes.isEmpty)
    }

    @Test func `another output route is another plan`() throws {
        let (first, second) = (try Self.record(), try Self.record())
        var messages = second
        messages.plan.outputs = .messages
        let error = #expect(throws: ExperimentError.self) {
            _ = try Self.compare(first, messages)
        }
        #expect(error?.description.contains("outputs") == true)
        #expect(try Self.compare(first, second).notes.isEmpty)
    }

    @Test func `a comparison of plans that cannot be is refused`() throws {
        let changes: [(String, (inout RunPlan) -> Void)] = [
            ("second.plan.batch", { $0.batch = -1 }), ("second.plan.workers", { $0.workers = [] }),
            ("second.plan.threads", { $0.threads = 0 }),
            ("second.plan.budgetSeconds", { $0.budgetSeconds = -1 }),
        ]
        for (key, change) in changes {
            var result = try Self.compare(try Self.record(), try Self.record(factor: 1.2))
            change(&result.second.plan)
            let error = #expect(throws: ExperimentError.self) {
                try result.validate(source: "c.json")
            }
            #expect(error?.description.contains(key) == true, "\(error as Any)")
        }
    }

    @Test func `a comparison survives being written and read`() throws {
        let result = try Self.compare(try Self.record(), try Self.record(factor: 1.2))
        let text = try JSONText.encode(result)
        let back = try JSONText.decode(
            CompareRecord.self,
            from: Array(text.utf8),
            source: "r.json"
        )
        #expect(back == result)
        #expect(text.contains("\"headwise.compare/2\""))
    }

    /// Earlier versions compared the fast end alone.
    @Test func `a comparison of earlier versions is read, and judged as it was`() throws {
        var record = try Self.compare(try Self.record(), try Self.record())
        record.points = []
        record.rule.meanThreshold = nil
        record.rule.percentile90Threshold = nil
        record.warnings = nil
        func text(_ ratio: Double) throws -> String {
            let point = #"""
                "points" : [{"workers": 2, "threads": [1, 1], "firstNanoseconds": [[40], [41]],
                "secondNanoseconds": [[50], [52]], "firstTypicalNanoseconds": 40.5,
                "secondTypicalNanoseconds": 51, "comparison": {"ratio": \#(ratio),
                "lowerBound": 1.1, "upperBound": 1.4, "verdict": "slower"}}]
                """#
            return try JSONText.encode(record)
                .replacing("headwise.compare/2", with: "headwise.compare/1")
                .replacing("\"points\" : [\n\n  ]", with: point)
        }
        let folder = try TemporaryFolder()
        let path = try folder.write("old.json", try text(1.25))
        let old = try CompareRecord.read(path)
        let point = try #require(old.points.first)
        #expect(point.statistics.count == 1)
        #expect(point[.fastEnd]?.firstNanoseconds == 40.5)
        #expect(point[.fastEnd]?.secondNanoseconds == 51)
        #expect(point[.fastEnd]?.comparison?.ratio == 1.25)
        #expect(old.ending == 20)
        #expect(old.rule.statistics == [.fastEnd])
        let damaged = try folder.write("damaged.json", try text(-1))
        let error = #expect(throws: ExperimentError.self) { try CompareRecord.read(damaged) }
        #expect(error?.description.contains("points[0].comparison.ratio") == true)
    }

    @Test func `the warnings about the machines of both records are kept`() throws {
        func record(_ kinds: [MeasurementWarning.Kind]) throws -> RunRecord {
            var record = try Self.record()
            record.warnings = kinds.map {
                MeasurementWarning($0, subject: "2 workers", sentence: "so", remedy: "do")
            }
            return record
        }
        let result = try Self.compare(
            try record([.busyMachine, .outliers, .frequency]),
            try record([.drift, .shortTrials])
        )
        let warnings = try #require(result.warnings)
        #expect(warnings.map(\.kind) == [.busyMachine, .frequency, .shortTrials])
        #expect(warnings.map(\.subject) == ["A, 2 workers", "A, 2 workers", "B, 2 workers"])
    }

    @Test func `a busy machine gives a warning although both sides met it`() throws {
        var record = try Self.compare(try Self.record(), try Self.record())
        record.host.allowedCPUs = [0]
        func load(_ busy: UInt64, own: UInt64, total: UInt64) -> MachineLoad {
            MachineLoad(
                cpuCount: 2,
                busyTicks: busy,
                stolenTicks: 0,
                totalTicks: total,
                ownTicks: own
            )
        }
        func kinds(busy: UInt64) -> [MeasurementWarning.Kind] {
            record.measurementWarnings(
                loads: (load(0, own: 0, total: 0), load(busy, own: 500, total: 2_000))
            ).map(\.kind).filter { $0 != .debugBuild }
        }
        // Trials that drift are no reason by themselves: both sides meet them.
        for index in record.points[0].firstNanoseconds.indices {
            record.points[0].firstNanoseconds[index] = [100_000_000, 900_000_000, 100_000_000]
        }
        #expect(kinds(busy: 510) == [.oversubscription])
        #expect(kinds(busy: 1_500) == [.busyMachine, .oversubscription])
    }

    @Test func `the names that --allow takes are read, others are refused`() throws {
        #expect(try Comparability.allowed("host") == [.host])
        #expect(try Comparability.allowed("host,plan,isa,kernel").count == 4)
        for text in ["", "hosts", "host,", "host,,isa", "Host"] {
            #expect(throws: ExperimentError.self, "\(text)") { try Comparability.allowed(text) }
        }
    }
}
