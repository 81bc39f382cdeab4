import FoundationEssentials
import TestSupport
import Testing
import Timing

@testable import Experiment

/// What a record may have suffered, and the sentence that says so.
struct RecordValidationTests {
    /// A change to the text of a sound record, and what the refusal must name.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout RunRecord) -> Void
        var names: [String]

        init(
            _ description: String,
            names: String...,
            change: @escaping @Sendable (inout RunRecord) -> Void
        ) {
            testDescription = description
            self.change = change
            self.names = names
        }
    }

    private static let damages: [Damage] = [
        Damage("no points", names: "points", "is empty") { $0.points = [] },
        Damage("no base case", names: "baseCases", "no base case with one thread") {
            $0.baseCases = []
        },
        Damage("no base case with one thread", names: "baseCases", "one thread") {
            $0.baseCases.removeFirst()
        },
        Damage("no samples", names: "points[1].samples", "is empty") { $0.points[1].samples = [] },
        Damage("no samples of a finished run", names: "points[0].samples", "is empty") {
            $0.points[0].samples = []
            $0.points[0].summary = nil
        },
        Damage("another speedup", names: "points[1].summary.speedup", "medians") {
            $0.points[1].summary = $0.points[1].summary?.with(speedup: 99)
        },
        Damage("another efficiency", names: "points[0].summary.efficiency", "medians") {
            $0.points[0].summary = $0.points[0].summary?.with(efficiency: 0.5)
        },
        Damage("trials lost below zero", names: "points[0].incompleteTrials", "is -1") {
            $0.points[0].incompleteTrials = -1
        },
        Damage("zero trials", names: "plan.trials", "is 0") { $0.plan.trials = 0 },
        Damage("no workers", names: "points[0].workers", "is 0") { $0.points[0].workers = 0 },
        Damage("no threads", names: "points[1].threads", "is 0") { $0.points[1].threads = 0 },
        Damage("no shards", names: "points[1].shards", "is 0") { $0.points[1].shards = 0 },
        Damage("a trial of no time", names: "samples[2].wallNanoseconds", "0 ns") {
            $0.points[0].samples[2].wallNanoseconds = 0
        },
        Damage("a trial of a century", names: "samples[2].wallNanoseconds") {
            $0.points[0].samples[2].wallNanoseconds = .max
        },
        Damage("parts beyond the wall", names: "samples[1].workers[0]", "parts of", "fit") {
            $0.points[0].samples[1].workers[0].idleNanoseconds = 90_000_000
        },
        Damage("parts beyond 64 bits", names: "samples[1].workers[0]", "endless") {
            $0.points[0].samples[1].workers[0].idleNanoseconds = .max
        },
        Damage("a worker below zero", names: "workers[0].worker", "is -1") {
            $0.points[0].samples[1].workers[0].worker = -1
        },
        Damage("a median outside its samples", names: "points[0].summary.medianNanoseconds") {
            $0.points[0].summary?.wall.medianNanoseconds = 1
        },
        Damage("another number of samples", names: "points[0].summary.count", "with 3 samples") {
            $0.points[0].summary?.wall.count = 4
        },
        Damage("an interval beside its median", names: "points[0].summary", "interval") {
            $0.points[0].summary?.wall.medianUpperBoundNanoseconds = 5
        },
        Damage("a base case of no time", names: "baseCases[1].samplesNanoseconds[0]") {
            $0.baseCases[1].samplesNanoseconds[0] = 0
        },
        Damage("a base case of no samples", names: "baseCases[1].samplesNanoseconds") {
            $0.baseCases[1].samplesNanoseconds = []
        },
        Damage("a base case of no threads", names: "baseCases[1].threads") {
            $0.baseCases[1].threads = 0
        },
        Damage("a negative speedup", names: "points[0].summary.speedup") {
            guard let wall = $0.points[0].summary?.wall else { return }
            $0.points[0].summary = PointSummary(
                wall: wall,
                speedup: -1,
                efficiency: 1,
                speedupOverThreads: nil,
                gigaflopsPerSecond: nil
            )
        },
        Damage("more rows than there are", names: "verification.rowsChecked") {
            $0.points[0].verification.rowsChecked = 70_000
        },
        Damage("a roof of nothing", names: "roofs.fmaGigaflopsPerSecond") {
            $0.roofs = MeasuredRoofs(fmaGigaflopsPerSecond: 0)
        },
        Damage("replicates of other samples", names: "baseCases[0].replicates") {
            $0.baseCases[0].replicates = [0]
        },
        Damage("processors that cannot be", names: "host.allowedCPUs") {
            $0.host.allowedCPUs = [0, .max]
        },
        Damage("a limit beyond any machine", names: "host.cgroupCPULimit") {
            $0.host.cgroupCPULimit = 1e300
        },
        Damage("an uncountable problem", names: "plan", "cannot be counted") {
            $0.plan.batch = 1 << 30
            $0.plan.heads = 1 << 30
        },
        Damage("an analysis of another sweep", names: "analysis.points[0].workers", "is 7") {
            $0.analysis = analysis(of: [7])
        },
        Damage("a point twice", names: "points[1].workers", "is 1, as in points[0]") {
            $0.points[1].workers = 1
        },
        Damage("an exit code that nothing ends with", names: "exitCode", "is 999", "130, 143") {
            $0.exitCode = 999
        },
        Damage("success beside an INVALID verdict", names: "exitCode", "is 0", "INVALID", "12") {
            $0.verdict = Verdict(reasons: ["faster than light"], sentence: "")
        },
        Damage("a lost worker beside a VALID verdict", names: "exitCode", "is 31", "VALID") {
            $0.exitCode = 31
        },
        Damage("a wrong output that ended well", names: "exitCode", "points[1].verification") {
            $0.points[1].verification.status = .disagrees
            $0.points[1].verdict = Verdict(reasons: ["it is wrong"], sentence: "")
            $0.verdict = $0.points[1].verdict
        },
        Damage("a doubtful output that ended well", names: "exitCode", "MISTRUSTED", "11") {
            $0.points[0].verification.status = .mistrusted
        },
        Damage("a verdict without an end", names: "exitCode", "is missing") {
            $0.exitCode = nil
        },
        Damage("an end without a verdict", names: "verdict", "is missing") { $0.verdict = nil },
        Damage("a wrong output that is VALID", names: "points[0].verdict.status", "DISAGREES") {
            $0.points[0].verification.status = .disagrees
            $0.exitCode = 10
        },
        Damage("an INVALID point of a VALID run", names: "verdict.status", "points[1]") {
            $0.points[1].verdict = Verdict(reasons: ["faster than light"], sentence: "")
        },
        Damage("reasons against what is VALID", names: "verdict.reasons", "has 1") {
            $0.verdict?.reasons = ["none"]
        },
        Damage("nothing against what is INVALID", names: "verdict.reasons", "is empty") {
            $0.verdict?.status = .invalid
            $0.exitCode = 12
        },
        Damage("agreement of other bits", names: "verification.status", "bits differ") {
            $0.points[0].verification.bitwiseEqual = false
        },
        Damage("agreement beyond its bound", names: "verification.status", "largest error") {
            $0.points[0].verification = VerificationSummary(
                status: .agrees,
                bitwiseEqual: true,
                maxAbsoluteError: 2e-6,
                boundMaxAbsolute: 1e-6
            )
        },
        Damage("a beginning that is no moment", names: "started", "yesterday", "UTC") {
            $0.started = "yesterday"
        },
        Damage("a beginning of another zone", names: "started", "UTC") {
            $0.started = "2025-11-21T01:24:00+01:00"
        },
        Damage("a beginning on no day", names: "started", "2025-06-31") {
            $0.started = "2025-06-31T01:24:00Z"
        },
        Damage("a sweep that calls itself a run", names: "plan.kind", "headwise.run/1") {
            $0.schema = .run
        },
        Damage("an analysis of nothing", names: "analysis.points", "is empty") {
            $0.analysis = analysis(of: [])
        },
        Damage("an analysis that says a thing twice", names: "analysis.points[1]", "as in") {
            $0.analysis = analysis(of: [1, 1])
        },
        Damage("an analysis of a point without trials", names: "points[1].workers", "is 2") {
            $0.points[1].samples = []
            $0.points[1].summary = nil
            $0.verdict = Verdict(reasons: ["interrupted"], sentence: "")
            $0.exitCode = 130
            $0.analysis = analysis(of: [1, 2])
        },
        Damage("advice to use what nobody measured", names: "recommendation.workers", "is 9") {
            $0.analysis = analysis(of: [1])
            $0.analysis?.recommendation.workers = 9
        },
        Damage("losses that do not add up", names: "analysis.points[0].losses", "add up") {
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
    func `a record with impossible numbers is refused by name`(_ damage: Damage) throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        damage.change(&record)
        let path = try folder.write("bad.json", try JSONText.encode(record))
        do throws(ExperimentError) {
            _ = try RunRecord.read(path)
            Issue.record("was not refused")
        } catch {
            #expect(error.failure == .usage, "\(error)")
            #expect(error.description.hasPrefix(path), "\(error)")
            for name in damage.names { #expect(error.description.contains(name), "\(error)") }
        }
    }

    @Test(arguments: [
        ("-90000000", "is -90000000: expected 0 or more"),
        ("4.5", "is 4.5: expected a whole number"),
        ("1e999", "is 1e999: expected a number in its range"),
        ("18446744073709551616", "is 18446744073709551616: expected a number in its range"),
        ("true", "is true: expected a whole number of 0 or more"),
    ])
    func `a number that no record can hold is refused by its place`(
        number: String,
        problem: String
    ) throws {
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
        let place = "the key “points[0].samples[0].wallNanoseconds” in line \(line) "
        expectRefusal(.usage, naming: "\(path): \(place)\(problem);") {
            _ = try StoredRecord.read(path)
        }
    }

    @Test func `a run that lost every worker is a record all the same`() throws {
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

    @Test func `an output that was kept agrees and is INVALID`() throws {
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

    @Test func `a stored record keeps its bytes and knows its schema`() throws {
        let folder = try TemporaryFolder()
        let record = try sampleRecord()
        let path = try folder.write("a.json", try JSONText.encode(record))
        let stored = try StoredRecord.read(path)
        #expect(stored.bytes == (try folder.bytes("a.json")))
        guard case .run(let found) = stored.content else {
            Issue.record("a sweep is a run's record")
            return
        }
        #expect(found == record)
        expectRefusal(.environment, naming: "none.json") {
            _ = try StoredRecord.read("\(folder.path)/none.json")
        }
        let other = try folder.write("v.json", #"{"schema": "headwise.verify/1"}"#)
        expectRefusal(.usage, naming: "v.json", "headwise.verify/1", "headwise.kernel/1") {
            _ = try StoredRecord.read(other)
        }
    }

    @Test(arguments: ["kernel-avx512", "kernel-avx2", "kernel-suite", "scale-8x8x1024x64"])
    func `a record of an older version is read`(name: String) throws {
        _ = try StoredRecord.read(PackageFolder.record(name))
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
