import Plan
import Platform
import Record
import Statistics

extension CopiesRecord.Sweep {
    /// One sweep of a plan in which every configuration is there twice; nil if no trial was
    /// finished.
    package static func measure(
        _ plan: RunPlan,
        neighbours: Int,
        interruption: Interruption
    ) throws -> CopiesRecord.Sweep? {
        try plan.requireProcessors(allowed: Affinity.allowedProcessors)
        let started = UTCTime.now.text
        var nonFiniteCount = 0
        let session = try Session(
            plan: plan,
            inputs: try SessionInputs.make(plan, nil, nonFiniteCount: &nonFiniteCount),
            isExternal: false,
            copies: 2,
            interruption: interruption
        )
        defer { session.shutDown() }
        try session.prepare { _ in }
        var schedule = SamplingSchedule(plan)
        let report = try session.sample(&schedule, { _, _ in }) { _ in }
        let bases = session.baseCaseSamples
        let points = session.pointSamples
        let record = session.updated(
            RunRecord(plan: session.plan, host: .measuring(), started: started, commandLine: [])
        )
        guard let base = MedianRatio.estimate(bases[0], over: bases[1]),
            let cluster = MedianRatio.estimate(points[0], over: points[1]),
            let efficiency = MedianRatio.estimate(bases[0], over: points[0])
        else { return nil }
        return CopiesRecord.Sweep(
            started: started,
            neighbours: neighbours,
            base: base,
            cluster: cluster,
            efficiency: efficiency,
            rounds: report.rounds,
            isDisturbed: record.isDisturbed
        )
    }
}
