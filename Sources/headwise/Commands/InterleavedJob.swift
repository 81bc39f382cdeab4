import Cluster
import Files
import Host
import Measuring
import Plan
import Platform
import Record
import Report
import Statistics
import Tables
import Work

/// A comparison that measures: two plans, or one plan by two programs, in turn.
struct InterleavedJob {
    let command: CompareCommand
    let interruption: Interruption

    func run() throws {
        let host = HostDescription.current(libzmqVersion: Cluster.libraryVersion)
        let paths = [command.files[0], command.files[command.files.count - 1]]
        let sides = try paths.map { try ComparedPlan.read($0, host: host) }
        let plans = sides.map(\.plan)
        let other = try command.with.map { path throws(ExperimentError) in
            try OtherProgram.path(path, flag: "--with")
        }
        let programs = ["/proc/self/exe", other ?? "/proc/self/exe"]
        let unusedMasks = zip(["A", "B"], sides).compactMap { name, side in
            side.external.flatMap { side.plan.unusedMask(of: $0) }.map { "\(name): \($0)" }
        }
        let planNotes = try checkPlans(plans, paths) + unusedMasks
        let seed = command.rule.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        var trials = InterleavedTrials(
            first: .init(name: "A", program: programs[0], planPath: paths[0]),
            second: .init(
                name: "B",
                program: programs[1],
                planPath: paths[1],
                faults: command.withFault
            ),
            plans: plans,
            schedule: ComparisonSchedule(
                budgetSeconds: command.rule.budget,
                replicates: command.rule.replicates,
                seed: seed
            ),
            interruption: interruption
        )
        var store = try command.reserveRecord()
        var record = CompareRecord(
            form: command.with == nil ? .plans : .builds,
            host: host,
            started: UTCTime.now.text,
            commandLine: CommandLine.arguments,
            first: side(0, paths, plans, host),
            second: side(1, paths, plans, host),
            rule: command.rule.rule(seed: seed),
            notes: planNotes
        )
        let progress = ProgressLine(isQuiet: command.quiet)
        let loadBefore = MachineLoad.current()
        do {
            defer { progress.clear() }
            try trials.run(
                progress: { step in progress.show { step } },
                greeted: { greetings in try check(greetings, plans, &record) },
                kept: { trials in
                    store.keep {
                        record.take(trials)
                        return Optional(record)
                    }
                }
            )
            record.take(trials)
        } catch {
            // Those after the last writing, too.
            if trials.finishedReplicates > 0 { record.take(trials) }
            record.warn(since: loadBefore)
            let isKept = try keepFailure(error, &record, &store)
            if isKept { try command.present(record, path: store.path) }
            guard let cause = error as? ClusterError else { throw error }
            throw cause.orInterrupted(
                isKept
                    ? "the workers are gone, and what was measured is kept in \(store.path)"
                    : "no replicate was finished, so nothing was written"
            )
        }
        if trials.elapsedNanoseconds > UInt64(command.rule.budget * 1.5e9) {
            record.notes.append(
                "took \(Units.time(Double(trials.elapsedNanoseconds))), because at least "
                    + "\(trials.finishedReplicates) replicates are measured"
            )
        }
        record.warn(since: loadBefore)
        record.exitCode = record.ending
        record.close()
        try store.write(record)
        if let path = command.appendOutcome {
            try CompareOutcome(
                record,
                faults: command.withFault,
                seconds: Double(trials.elapsedNanoseconds) / 1e9
            ).append(to: path)
        }
        try command.present(record, path: store.path)
        if let code = record.exitCode, code != 0 { throw ExitStatusRequest(code: code) }
    }

    /// Keeps what was measured before an error, without a verdict to rely on; whether there was
    /// anything.
    private func keepFailure(
        _ error: any Error,
        _ record: inout CompareRecord,
        _ store: inout RecordStore
    ) throws -> Bool {
        guard !record.points.isEmpty else { return false }
        record.exitCode = (error as? ClusterError)?.exitCode ?? EndCode.environment
        record.verdict = Verdict(
            reasons: ["\(error)"],
            sentence: "The comparison was not finished.",
            isFinished: false
        )
        try store.write(record)
        return true
    }

    /// Refuses plans with different work; different arrangements are the purpose of a comparison.
    private func checkPlans(
        _ plans: [RunPlan],
        _ paths: [String]
    ) throws(ExperimentError) -> [String] {
        let subject = "\(paths[0]) and \(paths[1])"
        let common = plans[0].workers.filter { plans[1].workers.contains($0) }
        guard !common.isEmpty else {
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
        var notes = try Incomparability.check(
            work.isEmpty ? [] : [Incomparability(.plan, work.map(\.description))],
            allowed: try command.rule.allowed(),
            subject: subject
        )
        let arrangement = differences.filter { $0.role == .arrangement }
        if !arrangement.isEmpty {
            let names = arrangement.map(\.description).joined(separator: ", ")
            notes.append("A and B differ in \(names)")
        }
        return notes
    }

    /// Refuses sides that compute with different instruction sets, unless the plans ask for it.
    private func check(
        _ greetings: [TrialsGreeting],
        _ plans: [RunPlan],
        _ record: inout CompareRecord
    ) throws {
        record.first.take(greetings[0])
        record.second.take(greetings[1])
        let sets = greetings.map(\.instructionSet)
        guard sets[0] != sets[1], plans[0].instructionSet == plans[1].instructionSet else { return }
        record.notes += try Incomparability.check(
            [Incomparability(.isa, ["\(sets[0]) and \(sets[1])"])],
            allowed: try command.rule.allowed(),
            subject: "the two programs"
        )
    }

    private func side(
        _ index: Int,
        _ paths: [String],
        _ plans: [RunPlan],
        _ host: HostDescription
    ) -> ComparedSide {
        var side = ComparedSide(
            path: paths[index],
            plan: plans[index],
            hostFingerprint: host.fingerprint,
            instructionSet: plans[index].instructionSet?.rawValue
                ?? host.instructionSets.last ?? "baseline"
        )
        side.program = index == 1 ? command.with : nil
        return side
    }
}

extension ComparedSide {
    mutating func take(_ greeting: TrialsGreeting) {
        hostFingerprint = greeting.hostFingerprint
        instructionSet = greeting.instructionSet
        kernel = greeting.kernel
        commit = greeting.commit
        version = greeting.version
    }
}

extension CompareRecord {
    /// Reports what the machine did since then.
    fileprivate mutating func warn(since before: MachineLoad?) {
        warnings = measurementWarnings(loads: (before, MachineLoad.current()))
    }

    /// Takes the measurements so far, and judges them.
    mutating func take(_ trials: borrowing InterleavedTrials) {
        points = trials.points.map { samples in
            var point = ComparedPoint(
                workers: samples.workers,
                threads: samples.threads,
                firstNanoseconds: samples.first,
                secondNanoseconds: samples.second
            )
            point.comparePairs(rule, points: trials.points.count)
            return point
        }
        let checksums = trials.outputChecksums
        (first.outputChecksum, second.outputChecksum) = (checksums[0], checksums[1])
        first.verification = trials.verifications.first
        second.verification = trials.verifications.last
        let isSameWork = PlanDifference.between(first.plan, second.plan).allSatisfy {
            $0.role != .problem
        }
        let note = "A and B compute different bits; each side agrees with its own single process"
        if isSameWork, checksums[0] != checksums[1], !notes.contains(note) { notes.append(note) }
    }
}
