/// Cuts a list of costs into contiguous parts of about equal cost.
///
/// - Returns: `parts + 1` boundaries, from 0 to `costs.count`.
func balancedCuts(_ costs: [Double], parts: Int) -> [Int] {
    balancedCuts(costs, shares: [Double](repeating: 1, count: parts))
}

/// Cuts a list of costs into contiguous parts whose costs are in proportion to the shares.
///
/// Every part holds at least one item, because a worker without work is worse than an uneven cut.
/// Each cut is at the item boundary nearest to its ideal place, so a part is off by at most the
/// cost of one item, unless the first rule moves the cut.
///
/// - Returns: `shares.count + 1` boundaries, from 0 to `costs.count`.
func balancedCuts(_ costs: [Double], shares: [Double]) -> [Int] {
    let parts = shares.count
    precondition(parts >= 1 && parts <= costs.count, "each part needs an item of its own")
    let costOfShare = costs.reduce(0, +) / shares.reduce(0, +)
    var boundaries = [0]
    boundaries.reserveCapacity(parts + 1)
    var position = 0
    var costBefore = 0.0
    var sharesBefore = 0.0
    for part in 1..<parts {
        sharesBefore += shares[part - 1]
        let ideal = costOfShare * sharesBefore
        let lowest = boundaries[part - 1] + 1
        let highest = costs.count - (parts - part)
        while position < highest {
            let isForced = position < lowest
            let isNearer = costBefore + costs[position] / 2 <= ideal
            guard isForced || isNearer else { break }
            costBefore += costs[position]
            position += 1
        }
        boundaries.append(position)
    }
    boundaries.append(costs.count)
    return boundaries
}
