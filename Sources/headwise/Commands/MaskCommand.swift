import ArgumentParser
import Measuring
import Plan
import Platform
import Record

struct MaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mask",
        abstract: "Draw which keys a mask shows each row, and count the work.",
        discussion: """
            By default the problem is small: 1 batch element, 1 head, 64 rows. Examples:
              headwise mask --mask causal+window:16
              headwise mask --mask longformer:window=16,global=0+1 --picture l.svg
              headwise mask --mask lengths:64,40,20 --batch 3
            """
    )

    @OptionGroup(title: "Problem") var problem: ProblemOptions
    @OptionGroup(title: "Picture") var map: MapOptions

    func run() throws {
        let interruption = try Interruption()
        let request = try map.request()
        var plan = RunPlan { plan in
            (plan.batch, plan.heads, plan.length, plan.workers) = (1, 1, 64, [1])
        }
        try problem.apply(to: &plan)
        try problem.requireMask(plan)
        let stated = PlanBuilder.statedFlags(of: problem)
        try map.run(interruption) { _ in
            try MapRecord.mask(of: plan, stated: stated, request, interruption: interruption)
        }
    }
}
