extension RunPlan {
    /// No plan or record is larger; what is, is another kind of file.
    static let largestFileBytes = 256 << 20

    /// Reads a plan, or the plan inside a record of a run or a sweep.
    package static func read(_ path: String) throws(ExperimentError) -> RunPlan {
        let bytes = try OpenFile.contents(of: path, limit: largestFileBytes)
        let head = try JSONText.decode(Head.self, from: bytes, source: path)
        if head.schema == schema {
            return try JSONText.decode(RunPlan.self, from: bytes, source: path)
        }
        guard head.schema == "headwise.run/1" || head.schema == "headwise.scale/1" else {
            var error = ExperimentError.otherSchema(
                head.schema,
                expected: "\(schema), headwise.run/1 or headwise.scale/1"
            )
            error.subject = "\(path): \(error.subject)"
            throw error
        }
        return try JSONText.decode(Carrier.self, from: bytes, source: path).plan
    }

    /// The key that every file of ours begins its reading with.
    struct Head: Decodable {
        var schema: String
    }

    /// A record, seen as what it carries.
    private struct Carrier: Decodable {
        var plan: RunPlan
    }
}
