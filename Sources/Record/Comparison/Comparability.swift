import Files

/// What must be equal before two times may be compared; each case has a name that `--allow` takes.
package enum Comparability: String, CaseIterable, Sendable {
    /// The machine.
    case host
    /// What is computed, how it is split, and how its tensors travel.
    case plan
    /// The instruction set, whose kernels are different programs.
    case isa
    /// The kernel, as far as the commit of the build shows it.
    case kernel
    /// Both runs finished.
    case unfinished

    /// Reads the text of `--allow`.
    package static func allowed(_ text: String) throws(ExperimentError) -> Set<Comparability> {
        var allowed: Set<Comparability> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let one = Comparability(rawValue: String(name)) else {
                throw .unknownValue(
                    "--allow \(text)",
                    String(name),
                    known: allCases.map(\.rawValue)
                )
            }
            allowed.insert(one)
        }
        return allowed
    }
}

/// A reason not to compare two measurements: they differ in something that changes times, or one of
/// them is unfinished.
package struct Incomparability: Equatable, Sendable {
    package var aspect: Comparability
    /// The differing values, as `host 3f… and 9a…`; for unfinished measurements, one clause each.
    package var differences: [String]

    package init(_ aspect: Comparability, _ differences: [String]) {
        self.aspect = aspect
        self.differences = differences
    }

    /// The reasons found, as clauses.
    private static func text(_ found: [Incomparability]) -> String {
        let differences = found.filter { $0.aspect != .unfinished }.map {
            "\($0.aspect.rawValue): \($0.differences.joined(separator: ", "))"
        }
        let unfinished = found.filter { $0.aspect == .unfinished }.flatMap(\.differences)
        let differing =
            differences.isEmpty ? [] : ["they differ in \(differences.joined(separator: "; "))"]
        return (differing + unfinished).joined(separator: "; ")
    }

    /// Throws when a reason is not allowed; the allowed ones become notes.
    package static func check(
        _ found: [Incomparability],
        allowed: Set<Comparability>,
        subject: String
    ) throws(ExperimentError) -> [String] {
        let refused = found.filter { !allowed.contains($0.aspect) }
        guard refused.isEmpty else {
            // The allowed ones stay allowed when the reader follows the advice.
            let names = found.map(\.aspect.rawValue).joined(separator: ",")
            throw ExperimentError(
                .usage,
                subject,
                "cannot be compared; \(text(refused))",
                expected:
                    "two finished runs of the same plan, instruction set and kernel on the same "
                    + "machine",
                remedy: "measure both in the same way, or give --allow \(names) to compare them "
                    + "anyway"
            )
        }
        return found.map { "compared although \(text([$0]))" }
    }
}
