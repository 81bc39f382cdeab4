// Kernel regression, leave-one-out: the error of a row of data that all other rows predict, and its
// derivative by the width w.
//
// A lane is a key. The first pass over the data finds the nearest other input, the second one sums:
// with a = 2^(-c·e), c = w²·log2(e) / 2, e = (x - xᵢ)² less the smallest, and z = yᵢ - y,
//
//     error = Σ a·z / Σ a        derivative of error² = -2·error·w·(Σ a·z·e / Σ a - error·Σ a·e / Σ a)
//
// Differences to the row's own target, and squares less the smallest, keep the digits that the last
// difference would lose. A row's bits depend on that row and the data alone.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The losses and gradients of a call's rows.
@inline(never)
func train(_ call: headwise_training) {
    for n in 0..<call.rows { train(n, call) }
}

@inline(never)
private func train(_ n: Int, _ call: headwise_training) {
    let row = call.first &+ n
    let (x, y) = (splat(call.inputs[row]), splat(call.targets[row]))
    var nearest = splat(.infinity)
    forEachOtherVector(row, call) { key, hidden in
        let difference = someOf(call.inputs, key, call.count) - x
        let square = difference * difference
        let seen = square.replacing(
            with: splat(.infinity),
            where: hidden .!= IntVec(repeating: 0)
        )
        nearest = nearest.replacing(with: seen, where: seen .< nearest)
    }
    var smallest = nearest[0]
    for lane in 1..<lanes { smallest = nearest[lane] < smallest ? nearest[lane] : smallest }
    let factor = splat(-0.5 * log2e * call.width * call.width)
    var (sum, sumZ, sumE, sumZE) = (splat(0), splat(0), splat(0), splat(0))
    forEachOtherVector(row, call) { key, hidden in
        let isHidden = hidden .!= IntVec(repeating: 0)
        let difference = someOf(call.inputs, key, call.count) - x
        let e = difference * difference - splat(smallest)
        let z = someOf(call.targets, key, call.count) - y
        let a = exp2(factor * e).replacing(with: splat(0), where: isHidden)
        // A hidden lane has numbers, so its products with zero are zeros.
        let az = a * z
        sum += a
        sumZ += az
        sumE = fma(a, e, sumE)
        sumZE = fma(az, e, sumZE)
    }
    let weight = total(sum)
    let error = total(sumZ) / weight
    let covariance = total(sumZE) / weight - error * (total(sumE) / weight)
    call.losses[n] = error * error
    call.gradients[n] = -2 * error * call.width * covariance
}

/// Calls `body` with the first key of each vector of data, and lanes that are not zero for the row
/// itself and beyond the data.
@inline(__always)
private func forEachOtherVector(
    _ row: Int,
    _ call: headwise_training,
    _ body: (_ key: Int, _ hidden: IntVec) -> Void
) {
    let own = row / lanes &* lanes
    var key = 0
    while key < call.count {
        if key == own || key &+ lanes > call.count {
            var hidden = IntVec(repeating: 0)
            for lane in 0..<lanes where key &+ lane == row || key &+ lane >= call.count {
                hidden[lane] = -1
            }
            body(key, hidden)
        } else {
            body(key, IntVec(repeating: 0))
        }
        key &+= lanes
    }
}

#endif
