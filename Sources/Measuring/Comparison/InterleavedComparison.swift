import Files
import Host
import Plan
import Platform
import Record
import Statistics
import Tensors
import Work

/// A comparison that measures: two plans, or one plan by two programs, in turn.
package struct InterleavedComparison {
    private let paths: [String]
    private let plans: [RunPlan]
    private let rule: CompareRule
    private let allowed: Set<Comparability>
    private let otherFaults: [String]
    /// The processors of both sides, kept from other runs.
    private let claims: [ProcessorClaims]
    private var trials: InterleavedTrials
    private var record: CompareRecord

    /// Reads the plans, and refuses plans with different work; different arrangements are the
    /// purpose of a comparison.
    ///
    /// `paths` are those of A's plan and of B's. `program` measures B, if it is another build. The
    /// rule has a budget, a number of replicates and a seed. `otherFaults` are injected into B's
    /// workers.
    package init(
        paths: [String],
        program: String?,
        rule: CompareRule,
        allowed: Set<Comparability>,
        otherFaults: [String],
        interruption: Interruption
    ) throws {
        guard let budget = rule.budgetSeconds, let replicates = rule.replicates,
            let seed = rule.seed?.wrappedValue
        else { preconditionFailure("the rule of a measurement says how long to measure") }
        let host = HostDescription.measuring()
        let sides = try paths.map { try ComparedPlan.read($0, host: host) }
        let plans = sides.map(\.plan)
        let other = try program.map { path throws(ExperimentError) in
            try OtherProgram.path(path, flag: "--with")
        }
        let ownProgram = "/proc/self/exe"
        self.paths = paths
        self.plans = plans
        self.rule = rule
        self.allowed = allowed
        self.otherFaults = otherFaults
        claims = ProcessorClaims.ofSides(plans)
        var compared = zip(paths, plans).map { ComparedSide($0, plan: $1, on: host) }
        compared[1].program = program
        record = CompareRecord(
            form: program == nil ? .plans : .builds,
            host: host,
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            first: compared[0],
            second: compared[1],
            rule: rule,
            notes: try Self.notes(plans, paths, allowed: allowed)
        )
        // What 'run' would say of each plan's files.
        for (name, side) in zip(["A", "B"], sides) {
            record.notes += side.files.notes(side.plan, stated: RunPlan.inputFlags)
                .map { "\(name): \($0)" }
        }
        trials = InterleavedTrials(
            first: .init(name: "A", program: ownProgram, planPath: paths[0]),
            second: .init(
                name: "B",
                program: other ?? ownProgram,
                planPath: paths[1],
                faults: otherFaults
            ),
            plans: plans,
            schedule: ComparisonSchedule(
                budgetSeconds: budget,
                replicates: replicates,
                seed: seed
            ),
            interruption: interruption
        )
    }

    /// Measures, rewrites the record after a replicate, and judges at the end.
    ///
    /// A line about the outcome is appended to the file `outcomes`.
    package mutating func measure(
        into store: consuming RecordStore,
        outcomes: String?,
        progress: ProgressReport
    ) throws -> Measured<CompareRecord> {
        let loadBefore = MachineLoad.current()
        var failure: (any Error)?
        do {
            // Copies, because the trials change while they run.
            var (trials, record) = (trials, record)
            defer { (self.trials, self.record) = (trials, record) }
            try trials.run(
                progress: { step in progress(nil) { step } },
                greeted: { greetings in try check(greetings, &record) },
                kept: { trials in
                    store.keep {
                        record.take(trials)
                        return Optional(record)
                    }
                }
            )
        } catch {
            failure = error
        }
        guard failure == nil || trials.finishedReplicates > 0 else {
            return Measured(nil, failure: failure)
        }
        record.take(trials)
        record.warnings =
            [
                MeasurementWarning.sharing(
                    claims.flatMap(\.pinning.shared),
                    pin: "in its plan (\"pin\")"
                )
            ].compactMap { $0 }
            + record.measurementWarnings(loads: (loadBefore, .current()))
        record.exitCode = record.ending
        if let failure {
            record.exitCode = (failure as? RunError)?.exitCode ?? EndCode.environment
            record.verdict = Verdict(
                reasons: ["\(failure)"],
                sentence: "The comparison was not finished.",
                isFinished: false
            )
        } else {
            if trials.elapsedNanoseconds > UInt64((rule.budgetSeconds ?? 0) * 1.5e9) {
                record.notes.append(
                    "took \(Units.time(Double(trials.elapsedNanoseconds))), because at least "
                        + "\(trials.finishedReplicates) replicates are measured"
                )
            }
            record.close()
        }
        let obstacle = store.finish(record)
        if failure == nil, let outcomes {
            try CompareOutcome(
                record,
                faults: otherFaults,
                seconds: Double(trials.elapsedNanoseconds) / 1e9
            ).append(to: outcomes)
        }
        return Measured(
            record,
            path: obstacle == nil ? store.path : nil,
            failure: failure ?? obstacle
        )
    }

    /// What differs between the plans and may.
    private static func notes(
        _ plans: [RunPlan],
        _ paths: [String],
        allowed: Set<Comparability>
    ) throws(ExperimentError) -> [String] {
        let subject = "\(paths[0]) and \(paths[1])"
        guard plans[0].workers.contains(where: plans[1].workers.contains) else {
            throw ExperimentError(
                .usage,
                subject,
                "have no worker count in common",
                expected: "a worker count that both plans have",
                remedy: "give both plans the same workers"
            )
        }
        let differences = PlanDifference.between(plans[0], plans[1])
        let work = differences.filter { $0.role == .problem }
        let notes = try Incomparability.check(
            work.isEmpty ? [] : [Incomparability(.plan, work.map(\.description))],
            allowed: allowed,
            subject: subject
        )
        let arrangement = differences.filter { $0.role == .arrangement }
        guard !arrangement.isEmpty else { return notes }
        let names = arrangement.map(\.description).joined(separator: ", ")
        return notes + ["A and B differ in \(names)"]
    }

    /// Refuses sides that compute with different instruction sets, unless the plans ask for it.
    private func check(_ greetings: [TrialsGreeting], _ record: inout CompareRecord) throws {
        record.first.take(greetings[0])
        record.second.take(greetings[1])
        let sets = greetings.map(\.instructionSet)
        guard sets[0] != sets[1], plans[0].instructionSet == plans[1].instructionSet else { return }
        record.notes += try Incomparability.check(
            [Incomparability(.isa, ["\(sets[0]) and \(sets[1])"])],
            allowed: allowed,
            subject: "the two programs"
        )
    }
}

extension ComparedSide {
    fileprivate init(_ path: String, plan: RunPlan, on host: HostDescription) {
        self.init(
            path: path,
            plan: plan,
            hostFingerprint: host.fingerprint,
            instructionSet: plan.instructionSet?.description ?? host.instructionSets.last
                ?? "baseline"
        )
    }

    fileprivate mutating func take(_ greeting: TrialsGreeting) {
        hostFingerprint = greeting.hostFingerprint
        instructionSet = greeting.instructionSet
        kernel = greeting.kernel
        commit = greeting.commit
        version = greeting.version
    }
}

extension CompareRecord {
    /// Takes the measurements so far, and judges them.
    fileprivate mutating func take(_ trials: borrowing InterleavedTrials) {
        points = trials.points.map { samples in
            var point = ComparedPoint(
                workers: samples.workers,
                threads: samples.threads,
                firstNanoseconds: samples.first,
                secondNanoseconds: samples.second
            )
            point.comparePairs(
                rule,
                points: trials.points.count,
                secondsPerPair: trials.secondsPerReplicate
            )
            return point
        }
        let checksums = trials.outputChecksums
        (first.outputChecksum, second.outputChecksum) = (checksums[0], checksums[1])
        first.verification = trials.verifications.first
        second.verification = trials.verifications.last
        let came = trials.strangers.map { $0.isEmpty ? nil : $0 }
        (first.strangers, second.strangers) = (came[0], came[1])
        let isSameWork = PlanDifference.between(first.plan, second.plan).allSatisfy {
            $0.role != .problem
        }
        let note = "A and B compute different bits; each side agrees with its own single process"
        if isSameWork, checksums[0] != checksums[1], !notes.contains(note) { notes.append(note) }
    }
}
