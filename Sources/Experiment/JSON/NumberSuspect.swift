import FoundationEssentials

/// Finds the number that made a decoder call sound JSON invalid.
///
/// Foundation says the same of half a file, of −5 where a time belongs and of 4.5 where a count
/// does, and names no place.
enum NumberSuspect {
    /// The place of the first negative time or size, as `points[0].samples[1].wallNanoseconds`.
    ///
    /// Empty when the text is JSON without one; nil when it is no JSON at all.
    static func place(in bytes: [UInt8]) -> String? {
        // What cannot be read is what this function was called to tell apart.
        guard let tree = try? JSONDecoder().decode(Tree.self, from: Data(bytes)) else { return nil }
        return firstNegative(in: tree, at: "", isAmount: false) ?? ""
    }

    private enum Tree: Decodable {
        case number(Double)
        case list([Tree])
        case object([String: Tree])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // Each kind is tried in turn; a failed attempt means another kind.
            if let number = try? container.decode(Double.self) {
                self = .number(number)
                // As above.
            } else if let list = try? container.decode([Tree].self) {
                self = .list(list)
                // As above.
            } else if let object = try? container.decode([String: Tree].self) {
                self = .object(object)
            } else {
                self = .other
            }
        }
    }

    private static func firstNegative(in tree: Tree, at place: String, isAmount: Bool) -> String? {
        switch tree {
        case .number(let number): return isAmount && number < 0 ? place : nil
        case .other: return nil
        case .list(let items):
            for (index, item) in items.enumerated() {
                let place = "\(place)[\(index)]"
                if let found = firstNegative(in: item, at: place, isAmount: isAmount) {
                    return found
                }
            }
            return nil
        case .object(let members):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                let isAmount =
                    key.hasSuffix("Nanoseconds") || key.hasPrefix("bytes") || key == "seed"
                let place = place.isEmpty ? key : "\(place).\(key)"
                if let found = firstNegative(in: member, at: place, isAmount: isAmount) {
                    return found
                }
            }
            return nil
        }
    }
}
