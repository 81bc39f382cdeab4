/// A key in which two plans differ.
package struct PlanDifference: Hashable, Sendable, CustomStringConvertible {
    package var key: String
    package var role: PlanField.Role
    package var first: String
    package var second: String

    /// `batch 8 and 4`.
    package var description: String { "\(key) \(first) and \(second)" }

    /// The differences of two plans in keys that affect a time; keys of the procedure are left out.
    package static func between(_ first: RunPlan, _ second: RunPlan) -> [PlanDifference] {
        RunPlan.fields.compactMap { field in
            let (a, b) = (field.text(first), field.text(second))
            guard field.role != .procedure, a != b else { return nil }
            return PlanDifference(key: field.key, role: field.role, first: a, second: b)
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
        // How outputs travel by default depends on the rest of the plan.
        var usualOutputs = self
        usualOutputs.outputs = .auto
        let defaults = RunPlan()
        let parts = Self.fields.compactMap { field -> String? in
            guard field.role != .procedure || field.key == "workers" else { return nil }
            let text = field.text(self)
            let usual = field.text(field.key == "outputs" ? usualOutputs : defaults)
            return text == usual ? nil : "\(field.key)=\(text)"
        }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in parts.joined(separator: "\n").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
