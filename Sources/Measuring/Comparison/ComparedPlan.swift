import Files
import Host
import Plan
import Platform
import Record
import Tensors

/// A plan that runs trial by trial beside another plan.
enum ComparedPlan {
    /// Reads and validates a plan, and opens the input it names.
    static func read(
        _ path: String,
        host: HostDescription
    ) throws(ExperimentError) -> (plan: RunPlan, files: InputFiles) {
        let file = try PlanFile(reading: path)
        var plan = file.plan
        // One worker count or several make no difference here.
        plan.kind = plan.workers.count == 1 ? .run : .scale
        let files = try InputFiles(plan, stated: RunPlan.inputFlags)
        guard !plan.audit else {
            throw ExperimentError(
                .usage,
                "\(path): the plan's audit",
                "changes the seed, so its trials cannot be compared",
                expected: "one seed for all trials",
                remedy: "leave out the audit; the bits of every trial are checked without it"
            )
        }
        guard plan.plane != .auto else {
            throw ExperimentError(
                .usage,
                "\(path): the plan's plane",
                "is auto, so each side would choose one by itself",
                expected: "the name of a plane",
                remedy: "write inline or copied; 'headwise run' with this plan says which is faster"
            )
        }
        guard plan.compute == .kernel else {
            throw ExperimentError(
                .usage,
                "\(path): the plan's compute",
                "is \(plan.compute), so no output shows that both sides do the same",
                expected: "kernel",
                remedy: "run both plans with 'headwise run', and compare their records"
            )
        }
        guard plan.launch != .external else {
            throw ExperimentError(
                .usage,
                "\(path): the plan's launch",
                "is external, and a comparison cannot ask for its workers",
                expected: "local, or a command that starts workers",
                remedy: "run both plans with 'headwise run', and compare their records"
            )
        }
        do throws(ExperimentError) {
            plan = try plan.adopting(files, stated: RunPlan.inputFlags)
            // Both sides exist at the same time.
            try plan.validate(
                availableMemoryBytes: host.usableMemoryBytes.map { $0 / 2 },
                input: try plan.problem.inputMask(files.tensors)
            )
            try plan.requireProcessors(allowed: host.allowedCPUs)
        } catch {
            throw file.naming(error, in: plan)
        }
        return (plan.withOutputRoute, files)
    }
}

extension TrialsServer {
    /// A server of the trials of the plan in a file.
    package init(
        plan path: String,
        host: HostDescription,
        injectedFaults: [Int: String],
        interruption: Interruption
    ) throws {
        let (plan, files) = try ComparedPlan.read(path, host: host)
        var nonFiniteCount = 0
        let session = try Session(
            plan: plan,
            inputs: try SessionInputs.make(plan, files, nonFiniteCount: &nonFiniteCount),
            isExternal: files.areThere,
            // 'compare' claims them for both sides, which take turns.
            claims: .unclaimed(plan),
            injectedFaults: injectedFaults,
            interruption: interruption
        )
        self.init(session: session, interruption: interruption)
    }
}
