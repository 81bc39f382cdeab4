import FoundationEssentials
import TestSupport
import Testing
import Work

@testable import Files
@testable import Host
@testable import Record
@testable import Statistics

/// Records that a run cannot leave, each refused by the key at fault.
struct RecordValidationTests {
    /// A change to a sound record, and what the refusal must name.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout RunRecord) -> Void
        /// The place in the record.
        var key: String
        /// Figures, keys and words of the record in what was found, and in what was expected.
        var found: [String]
        var expected: [String]

        init(
            _ description: String,
            at key: String,
            found: String...,
            expected: String...,
            change: @escaping @Sendable (inout RunRecord) -> Void
        ) {
            testDescription = description
            self.change = change
            self.key = key
            self.found = found
            self.expected = expected
        }
    }

    private static func stage(compute: UInt64 = 5, end: UInt64 = 9) -> StageSample {
        StageSample(
            stage: .heads,
            computeNanoseconds: compute,
            beginNanoseconds: 1,
            endNanoseconds: end
        )
    }

    private static let damages: [Damage] = [
        Damage("no points", at: "points") { $0.points = [] },
        Damage("paused less than never", at: "points[1].pausedTrials", found: "-1") {
            $0.points[1].pausedTrials = -1
        },
        Damage("joined at once", at: "points[1].starts[0].joinNanoseconds", found: "0 ns") {
            $0.points[1].starts = [WorkerStart(joinNanoseconds: 0, preparationNanoseconds: 1)]
        },
        Damage("a preparation of centuries", at: "points[1].starts[1].preparationNanoseconds") {
            let start = WorkerStart(joinNanoseconds: 1, preparationNanoseconds: 0)
            $0.points[1].starts = [start, start]
            $0.points[1].starts?[1].preparationNanoseconds = .max
        },
        Damage("a base case paused less than never", at: "baseCases[0].pausedTrials") {
            $0.baseCases[0].pausedTrials = -1
        },
        Damage("a base case replaced less than never", at: "baseCases[0].replacements") {
            $0.baseCases[0].replacements = -1
        },
        Damage("a fault of no trial", at: "points[1].faults[0].trial", found: "-1") {
            $0.points[1].faults[0].trial = -1
        },
        Damage("a fault after a century", at: "points[1].faults[0].seenNanoseconds") {
            $0.points[1].faults[0].seenNanoseconds = .max
        },
        Damage("a silence of a century", at: "points[1].faults[0].delayNanoseconds") {
            $0.points[1].faults[0].delayNanoseconds = .max
        },
        Damage("workers that share a process", at: "points[1].workersPerProcess", found: "2") {
            $0.points[1].workersPerProcess = 2
        },
        Damage("no base case", at: "baseCases") { $0.baseCases = [] },
        Damage("no base case with one thread", at: "baseCases") { $0.baseCases.removeFirst() },
        Damage("no samples", at: "points[1].samples") { $0.points[1].samples = [] },
        Damage("no samples of a finished run", at: "points[0].samples") {
            $0.points[0].samples = []
            $0.points[0].summary = nil
        },
        // 81 ms over half of 90 ms, and over 90 ms.
        Damage(
            "another speedup",
            at: "points[1].summary.speedup",
            found: "99",
            expected: "1.79999"
        ) {
            $0.points[1].summary = $0.points[1].summary?.with(speedup: 99)
        },
        Damage(
            "another efficiency",
            at: "points[0].summary.efficiency",
            found: "0.5",
            expected: "0.89999"
        ) {
            $0.points[0].summary = $0.points[0].summary?.with(efficiency: 0.5)
        },
        Damage("lost trials below zero", at: "points[0].incompleteTrials", found: "-1") {
            $0.points[0].incompleteTrials = -1
        },
        Damage("strangers below zero", at: "points[0].strangers.refused", found: "-1") {
            $0.points[0].strangers = Strangers(refused: -1)
        },
        Damage(
            "more wrong tokens than strangers",
            at: "points[0].strangers.wrongTokens",
            found: "3",
            expected: "0 to 2"
        ) {
            $0.points[0].strangers = Strangers(refused: 2, wrongTokens: 3)
        },
        Damage("attempts below zero", at: "points[0].strangers.unanswered", found: "-7") {
            $0.points[0].strangers = Strangers(unanswered: -7)
        },
        Damage("no messages of a reason", at: "points[1].strangers.messages.magic", found: "0") {
            $0.points[1].strangers = Strangers(messages: ["magic": 0])
        },
        Damage("strangers that did nothing", at: "points[1].strangers") {
            $0.points[1].strangers = Strangers()
        },
        Damage("zero trials", at: "plan.trials", found: "0") { $0.plan.trials = 0 },
        Damage("no workers", at: "points[0].workers", found: "0") { $0.points[0].workers = 0 },
        Damage("no threads", at: "points[1].threads", found: "0") { $0.points[1].threads = 0 },
        Damage("no shards", at: "points[1].shards", found: "0") { $0.points[1].shards = 0 },
        Damage("a trial of no time", at: "points[0].samples[2].wallNanoseconds", found: "0 ns") {
            $0.points[0].samples[2].wallNanoseconds = 0
        },
        Damage("a trial of a century", at: "points[0].samples[2].wallNanoseconds") {
            $0.points[0].samples[2].wallNanoseconds = .max
        },
        Damage(
            "parts beyond the wall time",
            at: "points[0].samples[1].workers[0]",
            found: "170000006 ns",
            "90000001 ns"
        ) {
            $0.points[0].samples[1].workers[0].idleNanoseconds = 90_000_000
        },
        Damage(
            "parts beyond 64 bits",
            at: "points[0].samples[1].workers[0]",
            found: "90000001 ns"
        ) {
            $0.points[0].samples[1].workers[0].idleNanoseconds = .max
        },
        Damage("a worker below zero", at: "points[0].samples[1].workers[0].worker", found: "-1") {
            $0.points[0].samples[1].workers[0].worker = -1
        },
        Damage("a stage beyond its trial", at: "points[0].samples[1].stages[0]", found: "90000002")
        {
            $0.points[0].samples[1].stages = [stage(end: 90_000_002)]
        },
        Damage("a stage that ends first", at: "points[0].samples[1].stages[0]", found: "1 to 0 ns")
        {
            $0.points[0].samples[1].stages = [stage(end: 0)]
        },
        Damage(
            "more computing than the trial's workers have",
            at: "points[0].samples[1].stages[0].computeNanoseconds",
            found: "\(UInt64.max) ns"
        ) {
            $0.points[0].samples[1].stages = [stage(compute: .max)]
        },
        Damage("a stage twice", at: "points[0].samples[1].stages[1].stage", found: "heads") {
            $0.points[0].samples[1].stages = [stage(), stage()]
        },
        Damage("a median outside its samples", at: "points[0].summary.medianNanoseconds") {
            $0.points[0].summary?.wall.medianNanoseconds = 1
        },
        Damage(
            "another number of samples",
            at: "points[0].summary.count",
            found: "4",
            expected: "3"
        ) {
            $0.points[0].summary?.wall.count = 4
        },
        Damage("an interval beside its median", at: "points[0].summary", found: "5.0") {
            $0.points[0].summary?.wall.medianUpperBoundNanoseconds = 5
        },
        Damage("a base case of no time", at: "baseCases[1].samplesNanoseconds[0]") {
            $0.baseCases[1].samplesNanoseconds[0] = 0
        },
        Damage("a base case of no samples", at: "baseCases[1].samplesNanoseconds") {
            $0.baseCases[1].samplesNanoseconds = []
        },
        Damage("a base case of no threads", at: "baseCases[1].threads") {
            $0.baseCases[1].threads = 0
        },
        Damage("a negative speedup", at: "points[0].summary.speedup") {
            guard let wall = $0.points[0].summary?.wall else { return }
            $0.points[0].summary = PointSummary(
                wall: wall,
                speedup: -1,
                efficiency: 1,
                speedupOverThreads: nil,
                gigaflopsPerSecond: nil
            )
        },
        Damage("an imbalance of nothing", at: "points[0].summary.imbalance") {
            guard let wall = $0.points[0].summary?.wall else { return }
            $0.points[0].summary = PointSummary(
                wall: wall,
                speedup: nil,
                efficiency: nil,
                speedupOverThreads: nil,
                gigaflopsPerSecond: nil,
                imbalance: 0
            )
        },
        Damage(
            "switches of other samples",
            at: "baseCases[0].voluntarySwitches",
            found: "2",
            expected: "3"
        ) {
            $0.baseCases[0].voluntarySwitches = [1, 2]
        },
        Damage("more rows than there are", at: "points[0].verification.rowsChecked") {
            $0.points[0].verification.rowsChecked = 70_000
        },
        Damage("a roof of nothing", at: "roofs.fmaGigaflopsPerSecond") {
            $0.roofs = MeasuredRoofs(fmaGigaflopsPerSecond: 0)
        },
        Damage("replicates of other samples", at: "baseCases[0].replicates") {
            $0.baseCases[0].replicates = [0]
        },
        Damage("a replicate that no run reaches", at: "baseCases[0].replicates") {
            let count = $0.baseCases[0].samplesNanoseconds.count
            $0.baseCases[0].replicates = [Int](repeating: .max, count: count)
        },
        Damage(
            "an interval from before the trial began",
            at: "baseCases[0].summary.medianLowerBoundNanoseconds",
            found: "-1"
        ) {
            $0.baseCases[0].summary.medianLowerBoundNanoseconds = -1
        },
        Damage(
            "a deviation beyond the samples",
            at: "baseCases[0].summary.medianAbsoluteDeviationNanoseconds"
        ) {
            $0.baseCases[0].summary.medianAbsoluteDeviationNanoseconds = 1e308
        },
        Damage("a plan that has no time", at: "plan.budgetSeconds", found: "-1") {
            $0.plan.budgetSeconds = -1
        },
        Damage("impossible processors", at: "host.allowedCPUs") {
            $0.host.allowedCPUs = [0, .max]
        },
        Damage("a limit beyond any machine", at: "host.cgroupCPULimit") {
            $0.host.cgroupCPULimit = 1e300
        },
        Damage("an uncountable problem", at: "plan") {
            $0.plan.batch = 1 << 30
            $0.plan.heads = 1 << 30
        },
        Damage("an analysis of another sweep", at: "analysis.points[0].workers", found: "7") {
            $0.analysis = analysis(of: [7])
        },
        Damage("a point twice", at: "points[1].workers", found: "1", "points[0]") {
            $0.points[1].workers = 1
        },
        Damage("an unknown exit code", at: "exitCode", found: "999", expected: "130", "143") {
            $0.exitCode = 999
        },
        Damage(
            "success beside an INVALID verdict",
            at: "exitCode",
            found: "0",
            "INVALID",
            expected: "12"
        ) {
            $0.verdict = Verdict(reasons: ["faster than light"], sentence: "")
        },
        Damage("a lost worker beside a VALID verdict", at: "exitCode", found: "31", "VALID") {
            $0.exitCode = 31
        },
        Damage(
            "success with a wrong output",
            at: "exitCode",
            found: "points[1].verification",
            expected: "10"
        ) {
            $0.points[1].verification.status = .disagrees
            $0.points[1].verdict = Verdict(reasons: ["it is wrong"], sentence: "")
            $0.verdict = $0.points[1].verdict
        },
        Damage(
            "success with a doubtful output",
            at: "exitCode",
            found: "MISTRUSTED",
            expected: "11"
        ) {
            $0.points[0].verification.status = .mistrusted
        },
        Damage("a verdict without an exit code", at: "exitCode") { $0.exitCode = nil },
        Damage("an exit code without a verdict", at: "verdict") { $0.verdict = nil },
        Damage(
            "a wrong output that is VALID",
            at: "points[0].verdict.status",
            found: "DISAGREES",
            expected: "INVALID"
        ) {
            $0.points[0].verification.status = .disagrees
            $0.exitCode = 10
        },
        Damage(
            "an INVALID point of a VALID run",
            at: "verdict.status",
            found: "points[1]",
            expected: "INVALID"
        ) {
            $0.points[1].verdict = Verdict(reasons: ["faster than light"], sentence: "")
        },
        Damage("reasons of a VALID verdict", at: "verdict.reasons", found: "1") {
            $0.verdict?.reasons = ["none"]
        },
        Damage("an INVALID verdict without reasons", at: "verdict.reasons", found: "INVALID") {
            $0.verdict?.status = .invalid
            $0.exitCode = 12
        },
        Damage(
            "agreement of other bits",
            at: "points[0].verification.status",
            found: "AGREES",
            expected: "DISAGREES"
        ) {
            $0.points[0].verification.bitwiseEqual = false
        },
        Damage(
            "agreement beyond its bound",
            at: "points[0].verification.status",
            found: "AGREES",
            expected: "DISAGREES"
        ) {
            $0.points[0].verification = VerificationSummary(
                status: .agrees,
                bitwiseEqual: true,
                maxAbsoluteError: 2e-6,
                boundMaxAbsolute: 1e-6
            )
        },
        Damage("a start that is no time", at: "started", found: "yesterday", expected: "UTC") {
            $0.started = "yesterday"
        },
        Damage("a start in another zone", at: "started", found: "+01:00", expected: "UTC") {
            $0.started = "2025-11-21T01:24:00+01:00"
        },
        Damage("a start on no day", at: "started", found: "2025-06-31") {
            $0.started = "2025-06-31T01:24:00Z"
        },
        Damage("a sweep that calls itself a run", at: "plan.kind", expected: "headwise.run/1") {
            $0.schema = .run
        },
        Damage("an analysis of nothing", at: "analysis.points") {
            $0.analysis = analysis(of: [])
        },
        Damage(
            "an analysis with a point twice",
            at: "analysis.points[1].workers",
            found: "1",
            "points[0]"
        ) {
            $0.analysis = analysis(of: [1, 1])
        },
        Damage(
            "an analysis of a point without trials",
            at: "analysis.points[1].workers",
            found: "2"
        ) {
            $0.points[1].samples = []
            $0.points[1].summary = nil
            $0.verdict = Verdict(reasons: ["interrupted"], sentence: "")
            $0.exitCode = 130
            $0.analysis = analysis(of: [1, 2])
        },
        Damage(
            "advice to use what nobody measured",
            at: "analysis.recommendation.workers",
            found: "9"
        ) {
            $0.analysis = analysis(of: [1])
            $0.analysis?.recommendation.workers = 9
        },
        Damage(
            "losses that do not add up",
            at: "analysis.points[0].losses",
            found: "1.3",
            expected: "1"
        ) {
            $0.analysis = ScalingAnalysis(
                points: [
                    ScalingPoint(
                        workers: 1,
                        speedup: Estimate(0.9),
                        efficiency: Estimate(0.9),
                        speedupOverThreads: nil,
                        serialFraction: nil,
                        losses: [EfficiencyLoss(.queue, fraction: 0.4)]
                    )
                ],
                models: [],
                recommendation: WorkerRecommendation(workers: 1, reason: "it is so")
            )
        },
    ]

    private static func analysis(of workers: [Int]) -> ScalingAnalysis {
        ScalingAnalysis(
            points: workers.map { count in
                ScalingPoint(
                    workers: count,
                    speedup: Estimate(1),
                    efficiency: Estimate(1),
                    speedupOverThreads: nil,
                    serialFraction: nil,
                    losses: []
                )
            },
            models: [],
            recommendation: WorkerRecommendation(workers: 1, reason: "it is so")
        )
    }

    @Test(arguments: damages)
    func `an impossible record is refused by the key at fault`(_ damage: Damage) throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        damage.change(&record)
        let path = try folder.write("bad.json", try JSONText.encode(record))
        do throws(ExperimentError) {
            _ = try RunRecord.read(path)
            Issue.record("was not refused")
        } catch {
            #expect(error.failure == .usage, "\(error)")
            #expect(error.subject.hasPrefix(path), "\(error)")
            #expect(error.subject.hasSuffix("“\(damage.key)”"), "\(error)")
            for part in damage.found { #expect(error.problem.contains(part), "\(error)") }
            for part in damage.expected { #expect(error.expected.contains(part), "\(error)") }
        }
    }

    @Test(arguments: ["-90000000", "4.5", "1e999", "18446744073709551616", "true"])
    func `a number that no record can hold is refused by key and line`(number: String) throws {
        let folder = try TemporaryFolder()
        let text = try JSONText.encode(try sampleRecord())
        let sound = try #require(text.split(separator: "\n").first { $0.contains("wallNano") })
        let damaged = text.replacing(
            sound,
            with: "\"wallNanoseconds\" : \(number),",
            maxReplacements: 1
        )
        #expect(damaged != text)
        let path = try folder.write("bad.json", damaged)
        let line = text[..<sound.startIndex].count { $0 == "\n" } + 1
        let refusal = expectRefusal(.usage, naming: path) { _ = try RunRecord.read(path) }
        let subject = refusal?.subject ?? ""
        for part in ["“points[0].samples[0].wallNanoseconds”", "line \(line)"] {
            #expect(subject.contains(part), "\(subject)")
        }
        #expect(refusal?.problem.contains(number) == true)
        if number != "true" {
            #expect(refusal?.expected == NumberSuspect.expected(insteadOf: number))
        }
    }

    @Test func `a negative, a broken and a large number have different expectations`() {
        let expected = ["-90000000", "4.5", "1e999"].map { NumberSuspect.expected(insteadOf: $0) }
        #expect(Set(expected).count == 3, "\(expected)")
        #expect(expected[0].contains("0"))
        #expect(NumberSuspect.expected(insteadOf: "18446744073709551616") == expected[2])
    }

    @Test func `the record of a run that lost every worker is read`() throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        record.points[1].samples = []
        record.points[1].summary = nil
        record.verdict = Verdict(reasons: ["every worker was lost"], sentence: "")
        record.exitCode = 31
        let path = try folder.write("lost.json", try JSONText.encode(record))
        #expect(try RunRecord.read(path) == record)
        record.baseCases = []
        record.points[0].samples = []
        record.points[0].summary = nil
        let nothing = try folder.write("nothing.json", try JSONText.encode(record))
        #expect(try RunRecord.read(nothing) == record)
        record.points = []
        let pointless = try folder.write("pointless.json", try JSONText.encode(record))
        #expect(try RunRecord.read(pointless) == record)
    }

    @Test func `a record may agree and be INVALID`() throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        record.points[0].verification.bitwiseEqual = false
        record.points[0].verdict = Verdict(reasons: ["it was kept, not computed"], sentence: "")
        record.verdict = record.points[0].verdict
        record.exitCode = 12
        let path = try folder.write("stale.json", try JSONText.encode(record))
        #expect(try RunRecord.read(path) == record)
    }

    @Test func `a run under way has neither verdict nor exit code`() throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        record.verdict = nil
        record.exitCode = nil
        let path = try folder.write("under-way.json", try JSONText.encode(record))
        #expect(try RunRecord.read(path) == record)
    }
}

extension PointSummary {
    fileprivate func with(speedup: Double? = nil, efficiency: Double? = nil) -> PointSummary {
        PointSummary(
            wall: wall,
            speedup: speedup ?? self.speedup,
            efficiency: efficiency ?? self.efficiency,
            speedupOverThreads: speedupOverThreads,
            gigaflopsPerSecond: gigaflopsPerSecond
        )
    }
}
