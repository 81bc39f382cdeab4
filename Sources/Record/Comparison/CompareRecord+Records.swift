import Attention
import Files
import Host
import Plan
import Statistics
import Work

extension CompareRecord {
    /// Compares two records, A and B, that were measured at different times.
    ///
    /// Throws when both are the same run, or when they differ in something that makes them
    /// incomparable and that `allowed` does not name.
    package static func comparing(
        _ first: (path: String, record: RunRecord),
        with second: (path: String, record: RunRecord),
        form: Form,
        rule: CompareRule,
        allowed: Set<Comparability>,
        host: HostDescription,
        started: String,
        commandLine: [String]
    ) throws(ExperimentError) -> CompareRecord {
        let subject = "\(first.path) and \(second.path)"
        guard !first.record.isSameRun(as: second.record) else {
            throw ExperimentError(
                .usage,
                subject,
                "are the same run",
                expected: "two different runs",
                remedy: "run the plan again and compare the new record"
                    + (form == .baseline
                        ? "" : ", or give --as-plans to measure the plan against itself")
            )
        }
        let marks = (first.record.mark, second.record.mark)
        guard marks.0 == marks.1 else {
            let (a, b) = (first.record.plan.compute, second.record.plan.compute)
            throw ExperimentError(
                .usage,
                subject,
                "cannot be compared: workers of A had --compute \(a), those of B --compute \(b)",
                expected: "two runs that both computed, or two that did the same instead",
                remedy: "measure both with the same --compute"
            )
        }
        var allowed = allowed
        // A baseline exists to be compared with other builds.
        if form == .baseline { allowed.insert(.kernel) }
        let notes = try Incomparability.check(
            differences(first.record, second.record),
            allowed: allowed,
            subject: subject
        )
        var result = CompareRecord(
            form: form,
            host: host,
            started: started,
            commandLine: commandLine,
            first: ComparedSide(first.path, first.record),
            second: ComparedSide(second.path, second.record),
            rule: rule,
            notes: (first.record.plan.compute.markInWords.map { [$0] } ?? []) + notes
        )
        result.points = try pairedPoints(first.record, second.record, rule: rule, subject: subject)
        result.notes += emulationNotes(first.record, second.record)
        result.notes += sharingNotes(first.record, second.record)
        result.notes += baseCaseNotes(first.record, second.record)
        result.notes += unpairedNotes(first.record, second.record)
        result.notes += lossNotes(first.record, second.record)
        result.notes += commitNotes(first.record, second.record)
        result.warnings = recordedWarnings(first.record, second.record)
        let failures = result.failures(first.record, second.record)
        result.verdict = Verdict(reasons: failures.map(\.reason), sentence: "")
        result.exitCode = failures.map(\.code).min() ?? result.ending
        result.close()
        return result
    }

    /// What the waiting workers of both waited for a pair, which each run finds out itself.
    private static func emulationNotes(_ a: RunRecord, _ b: RunRecord) -> [String] {
        guard let one = a.emulatedNanosecondsPerPair, let other = b.emulatedNanosecondsPerPair
        else {
            return []
        }
        return [
            "workers waited \(Units.fine(one)) ns in A and \(Units.fine(other)) ns in B for each pair of "
                + "query and key, so B was to take \(Units.fine(other / one)) times as long"
        ]
    }

    /// Where as many workers had not as many processes.
    private static func sharingNotes(_ a: RunRecord, _ b: RunRecord) -> [String] {
        a.points.compactMap { one in
            guard let other = b.points.first(where: { $0.workers == one.workers }),
                one.workersPerProcess != other.workersPerProcess
            else { return nil }
            return "of \(counted(one.workers, "worker")), each process had "
                + "\(one.workersPerProcess ?? 1) in A and \(other.workersPerProcess ?? 1) in B"
        }
    }

    private static func differences(_ a: RunRecord, _ b: RunRecord) -> [Incomparability] {
        var found: [Incomparability] = []
        if a.host.fingerprint != b.host.fingerprint {
            found.append(
                Incomparability(
                    .host,
                    [
                        "\(a.host.hostName) (\(a.host.fingerprint)) and \(b.host.hostName) "
                            + "(\(b.host.fingerprint))"
                    ]
                )
            )
        }
        let plans = PlanDifference.between(a.plan, b.plan).filter { $0.key != "instructionSet" }
        if !plans.isEmpty { found.append(Incomparability(.plan, plans.map(\.description))) }
        if a.usedInstructionSet != b.usedInstructionSet {
            found.append(
                Incomparability(.isa, ["\(a.usedInstructionSet) and \(b.usedInstructionSet)"])
            )
        }
        // A program far from its sources does not know its commit; an unknown commit is no
        // difference.
        if let one = a.host.commit, let other = b.host.commit, one != other {
            found.append(
                Incomparability(.kernel, ["commit \(one.prefix(12)) and \(other.prefix(12))"])
            )
        }
        let unfinished = [("A", a), ("B", b)].compactMap { name, record in
            record.obstacle.map {
                "\(name) is \(Verdict.Status.unfinished) (\($0)): it has only what was measured "
                    + "before that"
            }
        }
        if !unfinished.isEmpty { found.append(Incomparability(.unfinished, unfinished)) }
        return found
    }

    private static func pairedPoints(
        _ a: RunRecord,
        _ b: RunRecord,
        rule: CompareRule,
        subject: String
    ) throws(ExperimentError) -> [ComparedPoint] {
        var points: [ComparedPoint] = []
        for first in a.points {
            guard let second = b.points.first(where: { $0.workers == first.workers }) else {
                continue
            }
            points.append(
                ComparedPoint(
                    workers: first.workers,
                    threads: [first.threads, second.threads],
                    firstNanoseconds: first.replicateNanoseconds,
                    secondNanoseconds: second.replicateNanoseconds
                )
            )
        }
        guard !points.isEmpty else {
            throw ExperimentError(
                .usage,
                subject,
                "have no worker count in common",
                expected: "a worker count that both measured",
                remedy: "A has \(workerCounts(a)) and B has \(workerCounts(b)); measure one of "
                    + "these again"
            )
        }
        for index in points.indices {
            points[index].compareIndependently(rule, points: points.count) {
                a.plan.flags(replicates: $0)
            }
        }
        return points
    }

    private static func workerCounts(_ record: RunRecord) -> String {
        record.points.isEmpty ? "no point" : workers(record.points.map(\.workers))
    }

    /// `1 worker`, `1, 2 workers`.
    private static func workers(_ counts: [Int]) -> String {
        counts.map(String.init).joined(separator: ", ") + (counts == [1] ? " worker" : " workers")
    }

    /// Notes on the base cases: where the single process changed too, look at the machine first.
    ///
    /// A cluster is only as fast as its machine.
    private static func baseCaseNotes(_ a: RunRecord, _ b: RunRecord) -> [String] {
        let isSameWork = PlanDifference.between(a.plan, b.plan).allSatisfy {
            $0.role != .problem
        }
        guard isSameWork, let first = a.singleThread?.summary, let second = b.singleThread?.summary,
            first.medianNanoseconds > 0,
            let lowerA = first.medianLowerBoundNanoseconds,
            let upperA = first.medianUpperBoundNanoseconds,
            let lowerB = second.medianLowerBoundNanoseconds,
            let upperB = second.medianUpperBoundNanoseconds,
            lowerB > upperA || upperB < lowerA
        else { return [] }
        let percent = (second.medianNanoseconds / first.medianNanoseconds - 1) * 100
        let tenths = (abs(percent) * 10).rounded() / 10
        return [
            "one process with one thread took \(tenths) % \(percent > 0 ? "more" : "less") time "
                + "in B than in A: the machine or the kernel changed, not only the cluster"
        ]
    }

    private static func unpairedNotes(_ a: RunRecord, _ b: RunRecord) -> [String] {
        [("A", a, b), ("B", b, a)].compactMap { name, one, other in
            let alone = one.points.map(\.workers).filter { count in
                !other.points.contains { $0.workers == count }
            }
            guard !alone.isEmpty else { return nil }
            return alone.count == 1
                ? "only \(name) has a point with \(workers(alone)); it is left out"
                : "only \(name) has points with \(workers(alone)); they are left out"
        }
    }

    private static func lossNotes(_ a: RunRecord, _ b: RunRecord) -> [String] {
        [("A", a), ("B", b)].compactMap { name, record in
            let faults = record.points.flatMap(\.faults)
            guard let first = faults.first else { return nil }
            let others = faults.count - 1
            return "\(name) had faults: worker \(first.worker): \(first.reason)"
                + (others > 0 ? ", and \(others) more" : "")
        }
    }

    /// Notes on unknown commits: an unknown commit cannot be refused, but the reader should know.
    private static func commitNotes(_ a: RunRecord, _ b: RunRecord) -> [String] {
        switch (a.host.commit, b.host.commit) {
        case (nil, nil): ["neither record has a commit: the kernels may differ"]
        case (nil, _): ["A has no commit: its kernel may differ from that of B"]
        case (_, nil): ["B has no commit: its kernel may differ from that of A"]
        default: []
        }
    }

    /// Points that must not pass as compared, with the reason: a wrong output has no time.
    private func failures(
        _ a: RunRecord,
        _ b: RunRecord
    ) -> [(code: Int32, reason: String)] {
        var found: [(code: Int32, reason: String)] = []
        for (name, record) in [("A", a), ("B", b)] {
            for point in record.points
            where points.contains(where: { $0.workers == point.workers }) {
                let place = "record \(name), \(Self.workers([point.workers]))"
                let (check, verdict) = (point.verification.status, point.verdict)
                let why: String? =
                    switch check {
                    case .disagrees: "the output is wrong"
                    case .mistrusted: "the check of the output proves nothing"
                    case .exact, .agrees, .unchecked: nil
                    }
                if let why {
                    found.append((check.endCode, "\(place): \(why)"))
                } else if verdict.status == .invalid {
                    let why = verdict.reasons.first ?? "\(verdict.status)"
                    found.append((verdict.status.endCode, "\(place): \(why)"))
                }
            }
        }
        return found
    }
}

extension ComparedSide {
    fileprivate init(_ path: String, _ record: RunRecord) {
        self.init(
            path: path,
            plan: record.plan,
            hostFingerprint: record.host.fingerprint,
            instructionSet: record.usedInstructionSet
        )
        commit = record.host.commit
        started = record.started
        standing = record.standing
    }
}

extension RunRecord {
    /// The instruction set that was forced, or the best of the machine.
    var usedInstructionSet: String {
        plan.instructionSet?.description ?? host.instructionSets.last ?? "baseline"
    }
}

extension RunPlan {
    /// The flags that measure `count` replicates, each as long as the replicates of this plan.
    fileprivate func flags(replicates count: Int) -> String {
        let factor = Double(count) / Double(max(sampling.replicates, 1))
        // A record may claim any number, but the flags accept a limited range.
        func scaled(_ amount: Double) -> Int { Int(min(max(amount * factor, 1), 1e6).rounded(.up)) }
        let more =
            sampling.trials.map { "--trials \(scaled(Double($0)))" }
            ?? "--budget \(scaled(sampling.budgetSeconds))"
        return "--replicates \(count) \(more)"
    }
}

extension RunRecord {
    /// Whether two records come from the same run, even if their files differ.
    func isSameRun(as other: RunRecord) -> Bool {
        started == other.started && host.fingerprint == other.host.fingerprint
            && baseCases.map(\.samplesNanoseconds) == other.baseCases.map(\.samplesNanoseconds)
            && points.map(\.samples) == other.points.map(\.samples)
    }
}

extension RunPoint {
    /// The wall times, grouped by the set of worker processes that took them.
    ///
    /// A record from before there were replicates counts as one replicate.
    package var replicateNanoseconds: [[UInt64]] {
        var byReplicate: [Int: [UInt64]] = [:]
        for sample in samples {
            byReplicate[sample.replicate ?? 0, default: []].append(sample.wallNanoseconds)
        }
        return byReplicate.sorted { $0.key < $1.key }.map(\.value)
    }
}
