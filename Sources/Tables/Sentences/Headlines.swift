import Attention
import Plan
import Record
import Statistics

/// The lines above a table: the base cases and the problem.
package enum Headlines {
    /// The base cases, a line each; the one with one thread, which speedups refer to, first.
    static func baseCases(of record: RunRecord) -> [String] {
        guard let single = record.singleThread else {
            return ["Base case: none, so there are no speedups."]
        }
        let set = instructionSet(of: record)
        var line = "Base case: 1 process, 1 thread, \(set), "
        line += description(of: single)
        if let reading = record.readingOfSingleThread {
            line += "; reading memory bounds it: "
            line += "\(Units.significant(reading.gigabytesPerSecond)) GB/s = "
            line += "\(Units.percent(reading.fraction)) of this core's measured read bandwidth"
        } else if let fraction = single.fractionOfPeak {
            line += " = \(Units.percent(fraction)) of this core's measured FMA peak"
        }
        return [line]
            + record.baseCases.filter { $0.threads != 1 }.map { other in
                let work = Double(other.batch ?? record.plan.batch) / Double(record.plan.batch)
                let gain = single.summary.medianNanoseconds / other.summary.medianNanoseconds * work
                let ratio =
                    gain.isFinite ? ", \(Units.significant(gain)) times one thread's speed" : ""
                let batch = other.batch.map { "batch \($0), " } ?? ""
                return "Also: 1 process, \(other.threads) threads, \(batch)"
                    + time(of: other) + rate(of: other) + ratio
            }
    }

    /// `Attention: batch 8, heads 8, 1024 queries × 1024 keys, …`.
    ///
    /// `inputMask` is what the input's mask is made of.
    package static func problem(_ plan: RunPlan, inputMask: [String]? = nil) -> String {
        let mark = plan.compute.markInWords.map { "\($0). " } ?? ""
        return mark + operation(plan, inputMask: inputMask)
    }

    private static func operation(_ plan: RunPlan, inputMask: [String]?) -> String {
        let others = [
            plan.problem.shape.keyDimension == plan.headDimension
                ? nil : "keys \(plan.problem.shape.keyDimension)",
            plan.valueDimension == plan.headDimension ? nil : "values \(plan.valueDimension)",
        ].compactMap { $0 }.joined(separator: ", ")
        let dimension = "\(plan.headDimension)" + (others.isEmpty ? "" : " (\(others))")
        let heads =
            plan.keyValueHeads == plan.heads
            ? "\(plan.heads)" : "\(plan.heads) (\(plan.keyValueHeads) of keys and values)"
        // Named only if it is not the usual one.
        let layout = plan.layout == .bhld ? "" : " in \(plan.layout.text())"
        let weights = plan.layer.map { "weights of \($0), " } ?? ""
        let module = plan.module.map { $0.isEmpty ? "" : "module \($0), " } ?? ""
        let source =
            weights + module
            + (plan.input.map { "input \($0)\(layout)" } ?? "\(plan.values.rawValue) values")
        let parts = Units.listed(inputMask ?? [])
        let mask = "\(plan.mask)" + (parts.isEmpty ? "" : " (its \(parts))")
        if plan.operation == .maskedSoftmax {
            let count = "batch \(plan.batch)\(plan.mode == .weak ? " per worker" : "")"
            return "Masked softmax: \(count), heads \(plan.heads), "
                + "\(Units.counted(plan.length, "row")) × \(Units.counted(plan.keyLength, "key")), "
                + "mask \(mask)\(plan.offset == 0 ? "" : " at offset \(plan.offset)"), \(source)"
        }
        if plan.operation == .kernelRegression {
            let sets = Units.counted(plan.batch * plan.heads, "data set")
            return "Kernel regression, \(pooling(plan)): "
                + "\(sets)\(plan.mode == .weak ? " per worker" : "") of "
                + "\(Units.counted(plan.keyLength, "row")), "
                + "\(Units.counted(plan.length, "prediction")) each, "
                + (plan.input == nil && plan.values == .uniform ? "generated data" : source)
        }
        if plan.operation.isLayer {
            let count = "batch \(plan.batch)\(plan.mode == .weak ? " per worker" : "")"
            let shape = plan.problem.shape
            let kind =
                plan.operation == .multiHead ? "fused projections" : "shared projections"
            return "Multi-head layer with \(kind): \(count), "
                + (plan.source == .separate ? "separate keys and values, " : "")
                + (plan.source == .memory ? "keys of another tensor, " : "")
                + "E \(shape.heads * shape.headDimension), heads \(plan.heads), "
                + "\(Units.counted(plan.length, "row")) × \(Units.counted(plan.keyLength, "key")), "
                + "mask \(mask)\(plan.offset == 0 ? "" : " at offset \(plan.offset)"), "
                + scores(plan) + source
        }
        if plan.operation == .decodeSteps {
            return "Decoding: batch \(plan.batch)\(plan.mode == .weak ? " per worker" : ""), "
                + "heads \(heads), \(Units.counted(plan.shape.queryLength, "step")) after a cache of "
                + "\(Units.counted(plan.keyLength, "key")), head dimension \(dimension), "
                + (plan.mask == .none ? "" : "mask \(mask), ") + scores(plan) + source
        }
        return "Attention: batch \(plan.batch)\(plan.mode == .weak ? " per worker" : ""), "
            + "heads \(heads), \(Units.counted(plan.length, "query", "queries")) × "
            + "\(Units.counted(plan.keyLength, "key")), head dimension \(dimension), "
            + "mask \(mask)\(plan.offset == 0 ? "" : " at offset \(plan.offset)"), "
            + scores(plan) + source
    }

    /// The same without values, which a mask does not depend on.
    static func mask(_ plan: RunPlan) -> String {
        let (text, values) = (operation(plan, inputMask: nil), ", \(plan.values.rawValue) values")
        return text.hasSuffix(values) ? String(text.dropLast(values.count)) : text
    }

    /// `average weights`, `Gaussian weights` or `w learned in 5 epochs at rate 0.5`.
    private static func pooling(_ plan: RunPlan) -> String {
        switch plan.problem.attentionProblem().operation.pooling {
        case .learned(let training):
            "w learned in \(Units.counted(training.epochs, "epoch")) at rate \(training.rate)"
        case .gaussian: "Gaussian weights"
        case .average, nil: "equal weights"
        }
    }

    /// `additive scores with 32 hidden units, `; empty for what is usual.
    private static func scores(_ plan: RunPlan) -> String {
        var parts: [String] = []
        if plan.scoring != .scaledDot { parts.append("\(plan.scoring.rawValue) scores") }
        if case .additive(let hidden) = plan.problem.score.function {
            parts[0] += " with \(Units.counted(hidden, "hidden unit"))"
        }
        if let scale = plan.scoreScale { parts.append("score scale \(scale)") }
        if let cap = plan.softCap { parts.append("soft cap \(cap)") }
        if let alibi = plan.alibi { parts.append("ALiBi \(alibi)") }
        if plan.bias != .none { parts.append("bias \(plan.bias.rawValue)") }
        if let sinks = plan.sinks, sinks != .none { parts.append("sinks \(sinks)") }
        if let rank = plan.linformer { parts.append("Linformer to \(Units.counted(rank, "key"))") }
        return parts.map { "\($0), " }.joined()
    }

    /// `Cluster: resident plane over ipc, outputs in shared memory, split by head, dynamic schedule,
    /// 1 thread each, on processors 0–1`.
    package static func cluster(of record: RunRecord) -> String {
        let plan = record.plan
        let names = record.points.map(\.split.rawValue).reduce(into: [String]()) { unique, name in
            if !unique.contains(name) { unique.append(name) }
        }
        // An older record does not say.
        let outputs = record.points.first?.outputs.map { "outputs in \($0.place), " } ?? ""
        let split = names.isEmpty ? plan.split.rawValue : names.joined(separator: " or ")
        // Each point of a sweep has its own.
        let speeds = plan.kind == .run ? record.points.first?.speeds : nil
        let inWords = speeds.map {
            " (speeds \($0.map(Units.significant).joined(separator: ", ")))"
        }
        return "Cluster: \(plan.plane.rawValue) plane over \(plan.transport.rawValue)"
            + "\(record.network.map(place) ?? ""), "
            + outputs + "split by \(split), \(plan.schedule.rawValue) schedule\(inWords ?? ""), "
            + "\(Units.counted(plan.threads, "thread")) each"
            + (record.pinning.map { ", \(places($0))" } ?? "")
            + (plan.launch.isLocal ? "" : ", started by \(plan.launch)")
    }

    /// ` with keys (CURVE) at 10.0.0.1`: where the coordinator listened.
    private static func place(_ network: NetworkSummary) -> String {
        "\(network.fingerprint == nil ? "" : " with keys (CURVE)") at \(network.address)"
    }

    /// `on processors 0–3`: where the compute threads ran.
    private static func places(_ pinning: PinningSummary) -> String {
        let processors = pinning.processors
        guard !processors.isEmpty else { return "not pinned" }
        let noun = processors.count == 1 ? "processor" : "processors"
        return "on \(noun) \(Units.ranges(processors))"
    }

    private static func description(of base: BaseCase) -> String {
        "\(time(of: base)) (median of \(base.summary.count))" + rate(of: base)
    }

    /// `183 ms ±2.1 %`: every ratio to it is as uncertain.
    private static func time(of base: BaseCase) -> String {
        Units.time(base.summary.medianNanoseconds)
            + (base.summary.relativeUncertainty.map { " " + Units.halfWidth($0) } ?? "")
    }

    private static func rate(of base: BaseCase) -> String {
        base.gigaflopsPerSecond.map { ", \(Units.significant($0)) GFLOP/s" } ?? ""
    }

    private static func instructionSet(of record: RunRecord) -> String {
        record.plan.instructionSet?.strongest.rawValue ?? record.host.instructionSets.last
            ?? "baseline"
    }
}
