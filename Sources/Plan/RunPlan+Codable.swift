import Files

extension RunPlan: Codable {
    private static let schemaKey = AnyKey("schema")

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyKey.self)
        try Self.refuseUnknownKeys(container)
        let schema = try container.decode(String.self, forKey: Self.schemaKey)
        guard schema == Self.schema else {
            throw ExperimentError.otherSchema(schema, expected: Self.schema)
        }
        self.init()
        // A plan in a record states how outputs travelled, unless messages were then the only way.
        if !decoder.codingPath.isEmpty { self.outputs = .messages }
        for field in Self.fields { try field.read(container, &self) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AnyKey.self)
        try container.encode(Self.schema, forKey: Self.schemaKey)
        for field in Self.fields { try field.write(self, &container) }
    }

    /// Refuses unknown keys: otherwise a misspelt key would silently mean the default.
    private static func refuseUnknownKeys(
        _ container: KeyedDecodingContainer<AnyKey>
    ) throws {
        let known = [schemaKey.stringValue] + fields.map(\.key)
        let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.min()
        guard let unknown else { return }
        throw ExperimentError(
            .usage,
            "the plan's key “\(unknown)”",
            "does not exist",
            expected: known.joined(separator: ", "),
            remedy: "correct its spelling, or leave it out"
        )
    }
}
