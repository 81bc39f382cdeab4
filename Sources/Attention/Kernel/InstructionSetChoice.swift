/// Which instruction set each worker of a cluster computes with.
///
/// The bits of an output depend on the instruction set, so one for all is the rule. In a cluster of unequal
/// machines each worker may have its own; then every part of an output has the bits that the instruction
/// set of its worker gives in one process. Only sets that this machine has are used, so that this
/// can be proved here.
package enum InstructionSetChoice: Hashable, Sendable {
    /// The same for all workers.
    case one(InstructionSet)
    /// One for each worker, by rank; after the last comes the first again. They are not all the same.
    case inTurn([InstructionSet])
    /// The strongest that a worker's machine and this one have.
    case own

    package static let ownName = "own"

    /// Reads `avx2`, `avx512,avx2,avx2` or `own`.
    ///
    /// - Throws: The item that is none of these.
    package init(_ text: String) throws(UnknownItem) {
        guard text != Self.ownName else {
            self = .own
            return
        }
        var sets: [InstructionSet] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let set = InstructionSet(rawValue: String(item)) else {
                throw UnknownItem(text: String(item))
            }
            sets.append(set)
        }
        // There is at least one item.
        self = Set(sets).count == 1 ? .one(sets[0]) : .inTurn(sets)
    }

    package struct UnknownItem: Error { package let text: String }

    /// What its text can have.
    package static var names: [String] { InstructionSet.allCases.map(\.rawValue) + [ownName] }

    /// Whether workers may compute with different sets.
    package var isMixed: Bool { if case .one = self { false } else { true } }

    /// The sets that workers may compute with, weakest first.
    package var possible: [InstructionSet] {
        switch self {
        case .one(let set): [set]
        case .inTurn(let sets): InstructionSet.allCases.filter(sets.contains)
        case .own: InstructionSet.available
        }
    }

    /// The set that single processes compute with, to which every speed is compared.
    ///
    /// No worker has a stronger one, so no figure is above the roofs of this one.
    package var strongest: InstructionSet { possible.last ?? .baseline }

    /// The set of a worker whose machine has those of `names`; nil if it has not what it is to use.
    package func set(ofWorker rank: Int, having names: [String]) -> InstructionSet? {
        candidates(ofWorker: rank).last { names.contains($0.rawValue) }
    }

    /// The sets from which the one of a worker is taken, weakest first.
    package func candidates(ofWorker rank: Int) -> [InstructionSet] {
        switch self {
        case .one(let set): [set]
        case .inTurn(let sets): [sets[rank % sets.count]]
        case .own: InstructionSet.available
        }
    }
}

extension InstructionSetChoice: CustomStringConvertible {
    package var description: String {
        switch self {
        case .one(let set): set.rawValue
        case .inTurn(let sets): sets.map(\.rawValue).joined(separator: ",")
        case .own: Self.ownName
        }
    }
}

extension InstructionSetChoice: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "“\(error.text)” is no instruction set"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
