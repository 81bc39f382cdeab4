import Files

/// Slices as the command line names them: `0:3` is batch element 0, head 3, `1:*` all heads of batch
/// element 1, and `all` every slice.
package enum SliceSpecification: Equatable, Sendable {
    case all
    case some([Item])

    package struct Item: Equatable, Sendable {
        package var batch: Int
        /// Nil for all heads.
        package var head: Int?

        package init(batch: Int, head: Int?) {
            self.batch = batch
            self.head = head
        }
    }

    package static let help = "0:3 (batch element 0, head 3), 1:* (all heads of element 1) or all"

    package init(_ text: String, flag: String) throws(ExperimentError) {
        guard text != "all" else {
            self = .all
            return
        }
        var items: [Item] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, let batch = Int(numbers[0]), batch >= 0,
                numbers[1] == "*" || Int(numbers[1]).map({ $0 >= 0 }) == true
            else {
                throw ExperimentError(
                    .usage,
                    "\(flag) \(text)",
                    "has the item “\(part)”, which names no slice",
                    expected: Self.help + ", joined by commas",
                    remedy: "write for example \(flag) 0:0,0:1"
                )
            }
            items.append(Item(batch: batch, head: Int(numbers[1])))
        }
        self = .some(items)
    }

    /// The numbers of the slices, b · heads + h, in the order in which they were named.
    package func slices(batch: Int, heads: Int, flag: String) throws(ExperimentError) -> [Int] {
        guard case .some(let items) = self else { return Array(0..<batch * heads) }
        var slices: [Int] = []
        for item in items {
            guard item.batch < batch, item.head ?? 0 < heads else {
                let name = "\(item.batch):\(item.head.map(String.init) ?? "*")"
                throw ExperimentError(
                    .usage,
                    "\(flag) \(name)",
                    "does not exist",
                    expected: "batch elements 0 to \(batch - 1) and heads 0 to \(heads - 1)",
                    remedy: "name a slice of these"
                )
            }
            let chosen = item.head.map { $0..<$0 + 1 } ?? 0..<heads
            for slice in chosen.map({ item.batch * heads + $0 }) {
                guard !slices.contains(slice) else {
                    throw ExperimentError(
                        .usage,
                        "\(flag) \(item.batch):\(slice % heads)",
                        "is named twice",
                        expected: "each slice once",
                        remedy: "leave one of the two out"
                    )
                }
                slices.append(slice)
            }
        }
        return slices
    }
}
