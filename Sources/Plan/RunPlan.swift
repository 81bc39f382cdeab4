import Attention
import Work

/// Everything that defines an experiment; the input of a run, whose output is a record.
///
/// Two runs of equal plans on one machine differ only in time, so a record contains its plan and
/// can be run again. A plan has three parts: what is computed, how it is divided among workers, and
/// how it is sampled. The fields of the parts are also fields of the plan: `plan.batch`. As JSON
/// (schema `headwise.plan/1`) a plan is flat. Every key may be left out and then has the default
/// given here; an unknown key is refused.
@dynamicMemberLookup
package struct RunPlan: Equatable, Sendable {
    package static let schema = "headwise.plan/1"

    package var kind: Kind = .run
    /// The name in the record's file name; when absent, the kind.
    package var name: String?
    package var problem = Problem()
    package var arrangement = Arrangement()
    package var sampling = Sampling()

    package init() {}

    /// The default plan with the changes that `change` makes.
    package init(_ change: (inout RunPlan) throws -> Void) rethrows {
        try change(&self)
    }

    /// Whether the run has one worker count, or is a sweep over several.
    package enum Kind: String, PlanChoice {
        case run, scale
    }

    /// All keys, in the order of the digest.
    package static let fields =
        [
            PlanField("kind", .procedure, \.kind),
            PlanField("name", .procedure, \.name),
        ] + Problem.fields + Arrangement.fields + Sampling.fields

    package subscript<Value>(dynamicMember path: WritableKeyPath<Problem, Value>) -> Value {
        get { problem[keyPath: path] }
        set { problem[keyPath: path] = newValue }
    }

    package subscript<Value>(dynamicMember path: WritableKeyPath<Arrangement, Value>) -> Value {
        get { arrangement[keyPath: path] }
        set { arrangement[keyPath: path] = newValue }
    }

    package subscript<Value>(dynamicMember path: WritableKeyPath<Sampling, Value>) -> Value {
        get { sampling[keyPath: path] }
        set { sampling[keyPath: path] = newValue }
    }

    /// The worker counts of a sweep on `coreCount` cores: powers of two, and all cores.
    package static func sweep(coreCount: Int) -> [Int] {
        var counts: [Int] = []
        var count = 1
        while count < coreCount {
            counts.append(count)
            count *= 2
        }
        return counts + [max(coreCount, 1)]
    }
}

extension RunPlan {
    /// How outputs travel, given whether the system lets processes share memory.
    package func outputRoute(canShare: Bool) -> OutputRoute {
        if let route = OutputRoute(rawValue: arrangement.outputs.rawValue) { return route }
        // A plane that is still to be chosen may share memory.
        let isLocal =
            arrangement.plane.name.map {
                $0.sharesMemory || $0.holdsInputs && arrangement.transport == .ipc
            } ?? true
        return canShare && isLocal && arrangement.launch.isLocal ? .shared : .messages
    }

    package var shape: AttentionShape { problem.shape }

    /// The most compute threads that run at once: those of all workers of the largest point.
    package var mostThreads: Int { max(1, (arrangement.workers.max() ?? 1) * arrangement.threads) }

    /// How much CPU time the threads of a run can use, in CPUs, on a machine that grants this much.
    package func usableCPUs(of granted: Double) -> Double {
        guard case .processors(let list) = arrangement.pin else { return granted }
        return min(granted, Double(list.count))
    }

    /// The plan of the problem that `count` workers compute: in weak scaling, `batch` for each
    /// worker.
    package func forPoint(workers count: Int) -> RunPlan {
        guard arrangement.mode == .weak else { return self }
        var plan = self
        plan.mode = .strong
        plan.batch = problem.batch.multipliedReportingOverflow(by: count).partialValue
        return plan
    }

    /// The plan of the largest problem among the points.
    ///
    /// The problems of the other points are its first batch elements.
    package var largest: RunPlan { forPoint(workers: arrangement.workers.max() ?? 1) }

    /// The base cases: threads of one process, and the worker count whose problem they compute.
    ///
    /// First one thread with the problem of one worker; then, for every worker count, as many
    /// threads as its workers have together. A plan without workers has none, nor has one whose workers
    /// do not compute.
    package var baseCases: [(threads: Int, workers: Int)] {
        guard !arrangement.workers.isEmpty, arrangement.compute == .kernel else { return [] }
        let threads = arrangement.threads
        var wanted = [(threads: 1, workers: 1)]
        for count in arrangement.workers {
            let isKnown = wanted.contains { base in
                base.threads == count * threads
                    && (arrangement.mode == .strong || base.workers == count)
            }
            if !isKnown { wanted.append((count * threads, count)) }
        }
        return wanted
    }
}
