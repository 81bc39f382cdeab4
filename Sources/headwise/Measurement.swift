import Cluster
import Experiment
import Report
import Timing

/// The rounds of a session and the record they fill, rewritten as they go.
struct Measurement: ~Copyable {
    private let session: Session
    private var store: RecordStore
    private(set) var record: RunRecord
    private var lastWrite: UInt64 = 0

    /// A record is kept at least this often: an interrupted run loses a second of samples at most.
    private static let writeIntervalNanoseconds: UInt64 = 1_000_000_000

    var path: String { store.path }

    init(session: Session, record: RunRecord, store: consuming RecordStore) {
        self.session = session
        self.record = record
        self.store = store
    }

    /// Measures every round; what stopped it early, if anything did.
    mutating func run(progress: ProgressLine) -> ClusterError? {
        defer {
            progress.clear()
            session.shutDown()
        }
        do throws(ClusterError) {
            try session.prepare { step in progress.show { step } }
            let plan = session.plan
            let warmup = plan.warmup ?? 2
            let trials = plan.trials ?? 10
            for replicate in 0..<plan.replicates {
                try session.startReplicate(replicate) { step in progress.show { step } }
                for round in 0..<warmup { _ = try session.measureRound(round, isWarmup: true) }
                for round in 0..<trials {
                    _ = try session.measureRound(round, isWarmup: false)
                    keep()
                }
            }
            return nil
        } catch {
            return error
        }
    }

    private mutating func keep() {
        let now = Clock.nanoseconds
        guard now - lastWrite >= Self.writeIntervalNanoseconds else { return }
        lastWrite = now
        update()
        // The record at the end has all of this again, and says so if it cannot be written.
        _ = try? store.write(record)
    }

    private mutating func update() {
        record.baseCases = session.recordedBaseCases
        record.points = session.recordedPoints
    }

    /// Closes the record with a verdict and writes it; the exit code.
    mutating func finish(_ failure: ClusterError?) throws(ExperimentError) -> Int32 {
        update()
        for index in record.points.indices {
            let point = record.points[index]
            record.points[index].verdict.sentence =
                VerdictSentence.sentence(for: point, in: record)
        }
        let code = failure?.exitCode ?? Self.exitCode(of: record.points)
        record.verdict = Verdict(
            reasons: (failure.map { [$0.description] } ?? [])
                + record.points.flatMap { $0.verdict.reasons },
            sentence: VerdictSentence.sentence(for: record)
        )
        record.exitCode = code
        let hasSamples = record.points.contains { !$0.samples.isEmpty || !$0.faults.isEmpty }
        if failure == nil || hasSamples { try store.write(record) }
        return code
    }

    /// The first that applies of 10, 11 and 12.
    private static func exitCode(of points: [RunPoint]) -> Int32 {
        if points.contains(where: { $0.verification.status == "DISAGREES" }) { return 10 }
        if points.contains(where: { $0.verification.status == "MISTRUSTED" }) { return 11 }
        if points.contains(where: { $0.verdict.status == .invalid }) { return 12 }
        return 0
    }
}
