import Attention

extension RunPlan: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case schema, kind, name
        case batch, heads, keyValueHeads, length, keyLength, headDimension, valueDimension
        case mask, maskedRows, scoreScale, softCap, alibi, seed, values
        case input, layout, output, weights
        case workers, threads, split, schedule, plane, transport, outputs, credit
        case mode, trials, warmup, targetInterval, budgetSeconds, replicates, audit
        case requireQuiet
        case instructionSet, verify
    }

    package init(from decoder: any Decoder) throws {
        try Self.refuseUnknownKeys(decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try Self.requireSchema(container)
        let fields = PlanFields(container: container)
        var plan = RunPlan()
        try fields.read(.kind, into: &plan.kind)
        try fields.read(.name, into: &plan.name)
        try fields.read(.batch, into: &plan.batch)
        try fields.read(.heads, into: &plan.heads)
        plan.keyValueHeads = plan.heads
        try fields.read(.keyValueHeads, into: &plan.keyValueHeads)
        try fields.read(.length, into: &plan.length)
        plan.keyLength = plan.length
        try fields.read(.keyLength, into: &plan.keyLength)
        try fields.read(.headDimension, into: &plan.headDimension)
        plan.valueDimension = plan.headDimension
        try fields.read(.valueDimension, into: &plan.valueDimension)
        try fields.read(.mask, into: &plan.mask)
        try fields.read(.maskedRows, into: &plan.maskedRows)
        try fields.read(.scoreScale, into: &plan.scoreScale)
        try fields.read(.softCap, into: &plan.softCap)
        try fields.read(.alibi, into: &plan.alibi)
        try fields.read(.seed, into: &plan.seed)
        try fields.read(.values, into: &plan.values)
        try fields.read(.input, into: &plan.input)
        try fields.read(.layout, into: &plan.layout)
        try fields.read(.output, into: &plan.output)
        try fields.read(.weights, into: &plan.weights)
        try fields.read(.workers, into: &plan.workers)
        try fields.read(.threads, into: &plan.threads)
        try fields.read(.split, into: &plan.split)
        try fields.read(.schedule, into: &plan.schedule)
        try fields.read(.plane, into: &plan.plane)
        try fields.read(.transport, into: &plan.transport)
        // A plan within a record says how outputs travelled, unless there was no other way yet.
        if !decoder.codingPath.isEmpty { plan.outputs = .messages }
        try fields.read(.outputs, into: &plan.outputs)
        try fields.read(.credit, into: &plan.credit)
        try fields.read(.mode, into: &plan.mode)
        try fields.read(.trials, into: &plan.trials)
        try fields.read(.warmup, into: &plan.warmup)
        try fields.read(.targetInterval, into: &plan.targetInterval)
        try fields.read(.budgetSeconds, into: &plan.budgetSeconds)
        try fields.read(.replicates, into: &plan.replicates)
        try fields.read(.audit, into: &plan.audit)
        try fields.read(.requireQuiet, into: &plan.requireQuiet)
        try fields.read(.instructionSet, into: &plan.instructionSet)
        try fields.read(.verify, into: &plan.verify)
        self = plan
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.schema, forKey: .schema)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encode(batch, forKey: .batch)
        try container.encode(heads, forKey: .heads)
        try container.encode(keyValueHeads, forKey: .keyValueHeads)
        try container.encode(length, forKey: .length)
        try container.encode(keyLength, forKey: .keyLength)
        try container.encode(headDimension, forKey: .headDimension)
        try container.encode(valueDimension, forKey: .valueDimension)
        try container.encode(mask, forKey: .mask)
        try container.encode(maskedRows, forKey: .maskedRows)
        try container.encodeIfPresent(scoreScale, forKey: .scoreScale)
        try container.encodeIfPresent(softCap, forKey: .softCap)
        try container.encodeIfPresent(alibi, forKey: .alibi)
        try container.encode(seed, forKey: .seed)
        try container.encode(values, forKey: .values)
        try container.encodeIfPresent(input, forKey: .input)
        // A build from before this key, which a comparison may run, refuses what it does not know.
        if layout != .bhld { try container.encode(layout, forKey: .layout) }
        try container.encodeIfPresent(output, forKey: .output)
        try container.encodeIfPresent(weights, forKey: .weights)
        try container.encode(workers, forKey: .workers)
        try container.encode(threads, forKey: .threads)
        try container.encode(split, forKey: .split)
        try container.encode(schedule, forKey: .schedule)
        try container.encode(plane, forKey: .plane)
        try container.encode(transport, forKey: .transport)
        // As above.
        if outputs != .auto { try container.encode(outputs, forKey: .outputs) }
        try container.encode(credit, forKey: .credit)
        try container.encode(mode, forKey: .mode)
        try container.encodeIfPresent(trials, forKey: .trials)
        try container.encodeIfPresent(warmup, forKey: .warmup)
        try container.encode(targetInterval, forKey: .targetInterval)
        try container.encode(budgetSeconds, forKey: .budgetSeconds)
        try container.encode(replicates, forKey: .replicates)
        try container.encode(audit, forKey: .audit)
        // As above.
        if requireQuiet { try container.encode(requireQuiet, forKey: .requireQuiet) }
        try container.encodeIfPresent(instructionSet, forKey: .instructionSet)
        try container.encode(verify, forKey: .verify)
    }

    private static func requireSchema(_ container: KeyedDecodingContainer<CodingKeys>) throws {
        let schema = try container.decode(String.self, forKey: .schema)
        guard schema == Self.schema else {
            throw ExperimentError.otherSchema(schema, expected: Self.schema)
        }
    }

    /// A misspelt key would otherwise quietly mean the default.
    private static func refuseUnknownKeys(_ decoder: any Decoder) throws {
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        guard let unknown = names.filter({ !known.contains($0) }).min() else { return }
        throw ExperimentError(
            .usage,
            "the plan's key “\(unknown)”",
            "does not exist",
            expected: CodingKeys.allCases.map(\.rawValue).joined(separator: ", "),
            remedy: "correct its spelling or leave it out"
        )
    }

    /// Reads what is there and leaves alone what is not.
    private struct PlanFields {
        let container: KeyedDecodingContainer<CodingKeys>

        func read<Field: Decodable>(_ key: CodingKeys, into field: inout Field) throws {
            if let found = try container.decodeIfPresent(Field.self, forKey: key) { field = found }
        }

        func read<Field: Decodable>(_ key: CodingKeys, into field: inout Field?) throws {
            field = try container.decodeIfPresent(Field.self, forKey: key)
        }

        /// Names the values there are: the compiler's own message names only the wrong one.
        func read<Field>(_ key: CodingKeys, into field: inout Field) throws
        where Field: Decodable & CaseIterable & RawRepresentable<String> {
            guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return }
            guard let found = Field(rawValue: text) else {
                throw ExperimentError.unknownValue(
                    "the plan's key “\(key.rawValue)”",
                    text,
                    known: Field.allCases.map(\.rawValue)
                )
            }
            field = found
        }

        func read<Field>(_ key: CodingKeys, into field: inout Field?) throws
        where Field: Decodable & CaseIterable & RawRepresentable<String> {
            guard container.contains(key), var found = Field.allCases.first else { return }
            guard try !container.decodeNil(forKey: key) else { return }
            try read(key, into: &found)
            field = found
        }
    }
}
