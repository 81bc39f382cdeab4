import Attention
import Files
import Plan
import Scheduling
import Work

/// A case as text, `length=33 mask=causal workers=2`, with the fixed parts of its arrangement.
///
/// Default values are left out, so that a shrunk case is short.
package struct CatalogueSpecification: Hashable, Sendable {
    var entry: CatalogueCase
    /// The instruction set; nil for all that the machine has.
    package var instructionSet: InstructionSet?
    var restriction = CatalogueRestriction.none

    /// The only worker count, if its words name one.
    package var workers: Int? { restriction.workers }

    init(
        _ entry: CatalogueCase,
        instructionSet: InstructionSet? = nil,
        restriction: CatalogueRestriction = .none
    ) {
        self.entry = entry
        self.instructionSet = instructionSet
        self.restriction = restriction
    }

    /// Reads the text of `--case`.
    package init(_ text: String) throws(ExperimentError) {
        var fields = try CatalogueFields(text)
        entry = try Self.entry(&fields)
        instructionSet = try fields.choice("isa", InstructionSet.allCases)
        restriction.workers = try fields.number("workers", 1...1024)
        restriction.threads = try fields.number("threads", 1...1024)
        restriction.transport = try fields.choice("transport", [.ipc, .tcp])
        restriction.credit = try fields.number("credit", 1...1024)
        restriction.delivery = try fields.choice("inputs", CatalogueDelivery.allCases)
        restriction.outputs = try fields.choice("outputs", OutputRoute.allCases)
        restriction.split = try fields.choice("split", Split.allCases)
        restriction.schedule = try fields.choice("schedule", Schedule.allCases)
        try fields.finish()
        try check(text)
    }

    private static func entry(
        _ fields: inout CatalogueFields
    ) throws(ExperimentError) -> CatalogueCase {
        let sizes = 1...AttentionProblem.largestLength
        let heads = try fields.number("heads", sizes) ?? 1
        let length = try fields.number("length", sizes) ?? 1
        let dimension = try fields.number("head-dimension", sizes) ?? 1
        let keyDimension = try fields.number("key-dimension", sizes)
        var entry = CatalogueCase(
            shape: AttentionShape(
                batch: try fields.number("batch", sizes) ?? 1,
                heads: heads,
                keyValueHeads: try fields.number("kv-heads", sizes) ?? heads,
                queryLength: length,
                keyLength: try fields.number("key-length", sizes) ?? length,
                headDimension: dimension,
                keyDimension: keyDimension,
                valueDimension: try fields.number("value-dimension", sizes) ?? dimension
            )
        )
        if let text = fields.text("mask") {
            let mask = try MaskSpecification(text)
            guard mask.lengths == .none, !mask.usesInput else {
                throw .unusableCase(
                    "mask=\(text)",
                    "has lengths or input; for lengths, write lengths=batch or lengths=rows"
                )
            }
            guard mask.pattern.keyPattern != nil else {
                throw .unusableCase(
                    "mask=\(text)",
                    "names a file; write layout=shared:16 or layout=heads:16 instead"
                )
            }
            entry.mask.band = mask.band
            entry.pattern = mask.pattern
        }
        entry.layout = try layout(&fields)
        entry.softCap = try fields.value("soft-cap", "a number above 0") { Float($0) }
        if let text = fields.text("alibi") { entry.alibi = try AlibiSpecification(text) }
        (entry.mask.lengths, entry.lengthPattern) = try fields.pattern("lengths", lengthNames)
        (entry.mask.visibility, entry.visibilityPattern) =
            try fields.pattern("visibility", pairsNames)
        entry.mask.bias = (try fields.choice("bias", BiasName.allCases) ?? .none).pairs
        entry.operation = try fields.choice("operation", OperationName.allCases) ?? .attention
        entry.linformer = try fields.number("linformer", sizes)
        entry.pooling = try fields.choice("pooling", PoolingName.allCases) ?? .learned
        if let epochs = try fields.number("epochs", 1...Training.largestEpochs) {
            entry.training.epochs = epochs
        }
        if let rate = try fields.value("rate", "a finite number", { Float($0) }) {
            entry.training.rate = rate
        }
        if let text = fields.text("sinks") { entry.sinks = try SinkSpecification(text) }
        entry.maskedRows = try fields.choice("masked-rows", MaskedRows.allCases) ?? .zeros
        entry.scoreScale = try fields.value("score-scale", "a finite number") { Float($0) }
        if let offset = try fields.number("offset", 0...AttentionProblem.largestOffset) {
            entry.offset = offset
        }
        entry.scoring = try fields.choice("scoring", ScoringName.allCases) ?? .scaledDot
        if let hidden = try fields.number("hidden", sizes) { entry.hidden = hidden }
        entry.values = try fields.choice("values", ValueKind.allCases) ?? .uniform
        entry.poison = try fields.choice("poison", CatalogueCase.Poison.allCases) ?? .none
        entry.seed = try fields.value("seed", "a whole number of at least 0") { UInt64($0) } ?? 1
        return entry
    }

    private static func layout(
        _ fields: inout CatalogueFields
    ) throws(ExperimentError) -> CatalogueCase.Layout? {
        let kinds = ["shared", "heads"]
        return try fields.value("layout", "shared:BLOCK or heads:BLOCK") { word in
            let parts = word.split(separator: ":")
            guard parts.count == 2, kinds.contains(String(parts[0])), let block = Int(parts[1]),
                block > 0
            else { return nil }
            return CatalogueCase.Layout(block: block, isPerHead: parts[0] == "heads")
        }
    }

    private func check(_ text: String) throws(ExperimentError) {
        do throws(AttentionError) {
            try entry.problem.validate()
        } catch {
            throw .unusableCase(text, "is impossible (\(error))")
        }
        guard entry.linformer == nil || entry.operation == .attention else {
            throw .unusableCase(text, "has linformer, but operation=\(entry.operation.rawValue)")
        }
        let isTrained = entry.operation == .kernelRegression
        guard isTrained || (entry.pooling == .learned && entry.training == Training()) else {
            throw .unusableCase(text, "has pooling, epochs or rate without kernel-regression")
        }
        guard entry.pooling == .learned || entry.training == Training() else {
            throw .unusableCase(text, "has epochs or rate, but pooling=\(entry.pooling.rawValue)")
        }
        guard restriction.split.map(entry.splits.contains) ?? true else {
            let split = restriction.split?.rawValue ?? ""
            throw .unusableCase(text, "has split=\(split), but not an operation whose keys it cuts")
        }
        if let split = restriction.split, let schedule = restriction.schedule,
            !split.schedules.contains(schedule)
        {
            throw .unusableCase(
                text,
                "has schedule=\(schedule.rawValue), which means nothing with split=\(split.rawValue)"
            )
        }
        guard entry.layout == nil || entry.pattern == .none else {
            throw .unusableCase(text, "has both a pattern and a layout")
        }
        guard entry.poison == .none || entry.maskedRows == .zeros else {
            throw .unusableCase(text, "poisons values that masked-rows=uniform reads")
        }
        // Every row is checked against the float64 reference, which is slow on purpose.
        let bytes = entry.problem.requiredBytes ?? .max
        guard bytes <= 1 << 30, entry.work <= 1 << 36 else {
            throw ExperimentError(
                .usage,
                "--case “\(text)”",
                "is too large to be checked in full",
                expected: "tensors of at most 1 GiB and 68 billion operations",
                remedy: "choose smaller sizes, or 'headwise run', which checks some of the rows"
            )
        }
    }

    static let lengthNames: [(String, Mask.Lengths)] = [
        ("none", .none), ("batch", .perBatch), ("rows", .perRow),
    ]
    static let pairsNames = BiasName.allCases.map { ($0.rawValue, $0.pairs) }
}

extension CatalogueSpecification: CustomStringConvertible {
    package var description: String {
        (entry.words + arrangementWords).joined(separator: " ")
    }

    private var arrangementWords: [String] {
        var words: [String] = []
        func add(_ key: String, _ value: String?) {
            if let value { words.append("\(key)=\(value)") }
        }
        add("isa", instructionSet?.rawValue)
        add("workers", restriction.workers.map(String.init))
        add("threads", restriction.threads.map(String.init))
        add("transport", restriction.transport?.rawValue)
        add("credit", restriction.credit.map(String.init))
        add("inputs", restriction.delivery?.rawValue)
        add("outputs", restriction.outputs?.rawValue)
        add("split", restriction.split?.rawValue)
        add("schedule", restriction.schedule?.rawValue)
        return words
    }
}

extension CatalogueCase: CustomStringConvertible {
    package var description: String { words.joined(separator: " ") }

    /// `key=value` for everything that differs from its default.
    fileprivate var words: [String] {
        var words: [String] = []
        func add(_ key: String, _ value: some CustomStringConvertible, unless isDefault: Bool) {
            if !isDefault { words.append("\(key)=\(value)") }
        }
        func name<Value: Equatable>(_ value: Value, _ names: [(String, Value)]) -> String {
            names.first { $0.1 == value }?.0 ?? "none"
        }
        add("batch", shape.batch, unless: shape.batch == 1)
        add("heads", shape.heads, unless: shape.heads == 1)
        add("kv-heads", shape.keyValueHeads, unless: shape.keyValueHeads == shape.heads)
        add("length", shape.queryLength, unless: false)
        add("key-length", shape.keyLength, unless: shape.keyLength == shape.queryLength)
        add("head-dimension", shape.headDimension, unless: !operation.hasColumns)
        add("key-dimension", shape.keyDimension, unless: shape.keyDimension == shape.headDimension)
        add(
            "value-dimension",
            shape.valueDimension,
            unless: shape.valueDimension == shape.headDimension
        )
        let hiding = MaskSpecification(band: mask.band, pattern: pattern)
        add("mask", hiding, unless: hiding == .none)
        if let layout {
            add("layout", "\(layout.isPerHead ? "heads" : "shared"):\(layout.block)", unless: false)
        }
        if let softCap { add("soft-cap", softCap, unless: false) }
        if let alibi { add("alibi", alibi, unless: false) }
        if mask.lengths != .none {
            let kind = name(mask.lengths, CatalogueSpecification.lengthNames)
            add("lengths", "\(kind):\(lengthPattern.rawValue)", unless: false)
        }
        if mask.visibility != .none {
            let kind = name(mask.visibility, CatalogueSpecification.pairsNames)
            add("visibility", "\(kind):\(visibilityPattern.rawValue)", unless: false)
        }
        if mask.bias != .none {
            add("bias", name(mask.bias, CatalogueSpecification.pairsNames), unless: false)
        }
        add("sinks", sinks, unless: sinks == .none)
        add("operation", operation.rawValue, unless: operation == .attention)
        if operation == .kernelRegression {
            add("pooling", pooling.rawValue, unless: pooling == .learned)
            add("epochs", training.epochs, unless: training.epochs == Training().epochs)
            add("rate", training.rate, unless: training.rate == Training().rate)
        }
        if let linformer { add("linformer", linformer, unless: false) }
        add("masked-rows", maskedRows.rawValue, unless: maskedRows == .zeros)
        if let scoreScale { add("score-scale", scoreScale, unless: false) }
        add("offset", offset, unless: offset == 0)
        add("scoring", scoring.rawValue, unless: scoring == .scaledDot)
        add("hidden", hidden, unless: scoring != .additive)
        add("values", values.rawValue, unless: values == .uniform)
        add("poison", poison.rawValue, unless: poison == .none)
        add("seed", seed, unless: seed == 1)
        return words
    }
}
