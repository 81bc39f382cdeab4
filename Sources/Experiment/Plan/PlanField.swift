/// A key of a plan, and what it means to a comparison that two plans differ in it.
package enum PlanField: String, CaseIterable, Sendable {
    case kind, name
    case batch, heads, keyValueHeads, length, keyLength, headDimension, valueDimension
    case mask, maskedRows, scoreScale, softCap, alibi, seed, values
    case input, layout, output, weights
    case workers, threads, split, schedule, plane, transport, outputs, credit
    case mode, trials, warmup, targetInterval, budgetSeconds, replicates, audit
    case requireQuiet
    case instructionSet, verify

    package enum Role: Sendable, Equatable {
        /// What is computed: other work takes another time for no fault of the cluster.
        case problem
        /// How it is split and carried, which is what two plans are compared for.
        case arrangement
        /// How it is sampled, checked and kept, which changes the precision of a time and not the
        /// time; the worker counts too, since points are paired by them.
        case procedure
    }

    package var role: Role {
        switch self {
        case .batch, .heads, .keyValueHeads, .length, .keyLength, .headDimension, .valueDimension,
            .mask, .maskedRows, .scoreScale, .softCap, .alibi, .seed, .values, .input, .layout,
            .mode, .audit:
            .problem
        case .threads, .split, .schedule, .plane, .transport, .outputs, .credit,
            .instructionSet:
            .arrangement
        case .kind, .name, .output, .weights, .workers, .trials, .warmup, .targetInterval,
            .budgetSeconds, .replicates, .requireQuiet, .verify:
            .procedure
        }
    }

    /// The field of a plan as text, in which equal values are equal.
    package func text(in plan: RunPlan) -> String {
        switch self {
        case .kind: plan.kind.rawValue
        case .name: plan.name ?? "none"
        case .batch: "\(plan.batch)"
        case .heads: "\(plan.heads)"
        case .keyValueHeads: "\(plan.keyValueHeads)"
        case .length: "\(plan.length)"
        case .keyLength: "\(plan.keyLength)"
        case .headDimension: "\(plan.headDimension)"
        case .valueDimension: "\(plan.valueDimension)"
        case .mask: "\(plan.mask)"
        case .maskedRows: plan.maskedRows.rawValue
        case .scoreScale: plan.scoreScale.map { "\($0)" } ?? "1/√D"
        case .softCap: plan.softCap.map { "\($0)" } ?? "none"
        case .alibi: plan.alibi.map { "\($0)" } ?? "none"
        case .seed: "\(plan.seed)"
        case .values: plan.values
        case .input: plan.input ?? "none"
        case .layout: plan.layout.rawValue
        case .output: plan.output ?? "none"
        case .weights: plan.weights ?? "none"
        case .workers: plan.workers.map(String.init).joined(separator: ",")
        case .threads: "\(plan.threads)"
        case .split: plan.split.rawValue
        case .schedule: plan.schedule.rawValue
        case .plane: plan.plane.rawValue
        case .transport: plan.transport.rawValue
        case .outputs: plan.outputRoute(canShare: true).rawValue
        case .credit: "\(plan.credit)"
        case .mode: plan.mode.rawValue
        case .trials: plan.trials.map(String.init) ?? "as needed"
        case .warmup: plan.warmup.map(String.init) ?? "until steady"
        case .targetInterval: "\(plan.targetInterval)"
        case .budgetSeconds: "\(plan.budgetSeconds)"
        case .replicates: "\(plan.replicates)"
        case .audit: "\(plan.audit)"
        case .requireQuiet: "\(plan.requireQuiet)"
        case .instructionSet: plan.instructionSet?.rawValue ?? "best"
        case .verify: plan.verify
        }
    }
}

/// A key in which two plans differ.
package struct PlanDifference: Hashable, Sendable, CustomStringConvertible {
    package var field: PlanField
    package var first: String
    package var second: String

    /// `batch 8 and 4`.
    package var description: String { "\(field.rawValue) \(first) and \(second)" }

    /// Where two plans differ in what makes a time; the procedure is left out.
    package static func between(_ first: RunPlan, _ second: RunPlan) -> [PlanDifference] {
        PlanField.allCases.compactMap { field in
            let (a, b) = (field.text(in: first), field.text(in: second))
            guard field.role != .procedure, a != b else { return nil }
            return PlanDifference(field: field, first: a, second: b)
        }
    }
}

extension RunPlan {
    /// Sixteen hexadecimal digits that two plans share when their times may be compared point by
    /// point: what is computed, how, and on how many workers.
    ///
    /// Only what differs from the defaults enters, so that a key a later version adds does not
    /// change the digits of the plans before it. FNV-1a, as in the host's fingerprint: the digits
    /// name files and must be the same in every process.
    package var digest: String {
        let defaults = RunPlan()
        // What is usual depends on the rest of the plan.
        var usualOutputs = self
        usualOutputs.outputs = .auto
        let parts = PlanField.allCases.compactMap { field -> String? in
            guard field.role != .procedure || field == .workers else { return nil }
            let text = field.text(in: self)
            let usual = field.text(in: field == .outputs ? usualOutputs : defaults)
            return text == usual ? nil : "\(field.rawValue)=\(text)"
        }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in parts.joined(separator: "\n").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
