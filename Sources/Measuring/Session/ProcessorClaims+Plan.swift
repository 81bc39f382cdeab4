import Files
import Plan
import Platform
import Work

extension ProcessorClaims {
    /// The processors that a plan asks for, claimed.
    static func claiming(_ plan: RunPlan) -> ProcessorClaims {
        if let elsewhere = elsewhere(plan) { return elsewhere }
        return switch plan.pin {
        case .none: .unpinned
        case .processors(let list): ProcessorClaims(Array(list.prefix(plan.mostThreads)))
        case .auto: claiming(plan.mostThreads)
        }
    }

    /// As many processors as there are threads, or all.
    static func claiming(_ threads: Int) -> ProcessorClaims {
        if let obstacle = Affinity.obstacle { return unpinned(obstacle) }
        return ProcessorClaims(
            count: threads,
            cores: CPUTopology(files: .live).cores,
            allowed: Affinity.allowedProcessors
        )
    }

    /// The processors of the sides of a comparison, claimed and given to the programs that run them.
    ///
    /// Sides that choose none take turns on the same ones: other cores may be faster or slower.
    static func ofSides(_ plans: [RunPlan]) -> [ProcessorClaims] {
        let choosing = plans.filter { $0.pin == .auto && $0.launch.isLocal }.map(\.mostThreads)
            .max()
        let common = choosing.map { claiming($0) }
        var taken = common?.pinning.processors ?? []
        if !taken.isEmpty { give(taken) }
        var claims = [common].compactMap { $0 }
        for plan in plans {
            guard case .processors(let list) = plan.pin else { continue }
            let others = list.prefix(plan.mostThreads).filter { !taken.contains($0) }
            claims.append(ProcessorClaims(others))
            taken += others
        }
        return claims
    }

    /// The processors that a plan asks for where the process that started this one claims them.
    static func unclaimed(_ plan: RunPlan) -> ProcessorClaims {
        if let elsewhere = elsewhere(plan) { return elsewhere }
        switch plan.pin {
        case .none: return .unpinned
        case .processors(let list):
            return ProcessorClaims(unclaimed: Pinning(processors: list, wraps: true))
        case .auto:
            if let obstacle = Affinity.obstacle { return unpinned(obstacle) }
            let order = ProcessorOrder(
                cores: CPUTopology(files: .live).cores,
                allowed: Affinity.allowedProcessors
            )
            return ProcessorClaims(unclaimed: Pinning(processors: given ?? order.processors))
        }
    }

    private static var unpinned: ProcessorClaims { unpinned("--pin none asks for it") }

    /// None, where another program starts the workers: they may be on other machines, and base cases that
    /// are pinned beside them would be something else.
    private static func elsewhere(_ plan: RunPlan) -> ProcessorClaims? {
        guard !plan.launch.isLocal, plan.pin == .auto else { return nil }
        return unpinned("--launch \(plan.launch) places them")
    }

    private static func unpinned(_ obstacle: String) -> ProcessorClaims {
        ProcessorClaims(unclaimed: Pinning(obstacle: obstacle))
    }
}

extension RunPlan {
    /// Refuses processors that this machine does not have, or does not let this process use.
    func requireProcessors(allowed: [Int]) throws(ExperimentError) {
        guard case .processors(let list) = arrangement.pin else { return }
        func refusal(_ problem: String, _ expected: String, _ remedy: String) -> ExperimentError {
            ExperimentError(
                .environment,
                "--pin \(arrangement.pin)",
                problem,
                expected: expected,
                remedy: remedy
            )
        }
        if let obstacle = Affinity.obstacle {
            throw refusal("is impossible here (\(obstacle))", "auto or none", "use --pin auto")
        }
        guard let missing = list.first(where: { !allowed.contains($0) }) else { return }
        throw refusal(
            "names processor \(missing), which this process may not use",
            "some of \(PinSpecification.processors(allowed))",
            "choose among these, or widen the affinity (taskset, cpuset)"
        )
    }
}
