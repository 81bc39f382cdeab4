/// What workers do with a task instead of computing it.
///
/// Such a run shows what coordinator, wire and schedule take; its outputs are not those of the problem.
package enum StandIn: Hashable, Sendable {
    /// Nothing: outputs travel as they lie in memory.
    case nothing
    /// The task's own rows of input are copied to the output.
    case copying
    /// The task waits, and writes nothing.
    case waiting(nanosecondsPerTask: UInt64, nanosecondsPerPair: Double)

    /// Whether a worker needs the numbers of the inputs.
    package var readsInputs: Bool { self == .copying }

    /// Whether a task is nothing but a time.
    package var isWaiting: Bool {
        if case .waiting = self { true } else { false }
    }

    /// Whether a task takes no processor.
    package var isWorkless: Bool { self != .copying }

    /// How long a task of this many visible (query, key) pairs waits.
    package func nanoseconds(pairs: Int) -> UInt64 {
        guard case .waiting(let perTask, let perPair) = self else { return 0 }
        return perTask + UInt64(min(perPair * Double(pairs), Double(Self.longestNanoseconds)))
    }

    /// No task waits longer.
    package static let longestNanoseconds: UInt64 = 1_000_000_000_000
}

extension StandIn: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, nanosecondsPerTask, nanosecondsPerPair
    }

    private enum Kind: String, Codable {
        case nothing, copying, waiting
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .nothing: self = .nothing
        case .copying: self = .copying
        case .waiting:
            self = .waiting(
                nanosecondsPerTask: try container.decode(UInt64.self, forKey: .nanosecondsPerTask),
                nanosecondsPerPair: try container.decode(Double.self, forKey: .nanosecondsPerPair)
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .nothing: try container.encode(Kind.nothing, forKey: .kind)
        case .copying: try container.encode(Kind.copying, forKey: .kind)
        case .waiting(let perTask, let perPair):
            try container.encode(Kind.waiting, forKey: .kind)
            try container.encode(perTask, forKey: .nanosecondsPerTask)
            try container.encode(perPair, forKey: .nanosecondsPerPair)
        }
    }
}
