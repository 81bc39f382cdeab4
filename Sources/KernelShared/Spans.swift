// The entry points that merge spans which were computed separately, and pass 3.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Merges the running softmax of the next span into that of the spans before it, in place.
@inline(never)
func mergeSpans(
    rows: Int,
    valueDimension: Int,
    _ total: headwise_running_softmax,
    next: headwise_running_softmax
) {
    for row in 0..<rows {
        let decays = mergeDecays(splat(total.maximum[row]), splat(next.maximum[row]))
        total.maximum[row] = decays.maximum[0]
        let right = splat(next.sum[row]) * decays.right
        total.sum[row] = fma(splat(total.sum[row]), decays.left, right)[0]
        let old = total.output + row &* valueDimension
        let new = next.output + row &* valueDimension
        var e = 0
        while e &+ lanes <= valueDimension {
            old.put(e, fma(old.vec(e), decays.left, new.vec(e) * decays.right))
            e &+= lanes
        }
        while e < valueDimension {
            old[e] = fma(splat(old[e]), decays.left, splat(new[e]) * decays.right)[0]
            e &+= 1
        }
    }
}

/// Turns the running softmax of all spans into the output, in place.
@inline(never)
func finishSpans(
    rows: Int,
    valueDimension: Int,
    _ total: headwise_running_softmax,
    sinks: UnsafePointer<Float>?
) {
    for row in 0..<rows {
        let sum = total.sum[row]
        let hidden = sum == 0 && sum.sign == .minus
        let sink = sinks.map { $0[row] }
        let factor = outputFactor(splat(total.maximum[row]), splat(sum), sink: sink)
        let target = total.output + row &* valueDimension
        for e in 0..<valueDimension {
            target[e] = hidden ? 0 : canonical(splat(target[e]) * factor)[0]
        }
    }
}

/// Pass 3: merges the span's running softmax into that of the spans before it.
///
/// If one side saw no key, its m is -Inf and its decay 0, and the other side stays unchanged.
@inline(never)
func mergeSpan(_ work: Workspace, dimension: Int) {
    for c in 0..<columns {
        let i = c &* lanes
        let decays = mergeDecays(work.total.maximum.vec(i), work.span.maximum.vec(i))
        work.total.maximum.put(i, decays.maximum)
        work.total.sum.put(
            i,
            fma(work.total.sum.vec(i), decays.left, work.span.sum.vec(i) * decays.right)
        )
        for e in 0..<dimension {
            let j = e &* queryBlock &+ i
            work.total.output.put(
                j,
                fma(work.total.output.vec(j), decays.left, work.span.output.vec(j) * decays.right)
            )
        }
    }
}

/// What turns a row's o into its output: 1 / l, or with a sink α / (l·α + 2^(sink - m)), m being the
/// larger of the row's maximum and its sink.
@inline(__always)
func outputFactor(_ maximum: Vec, _ sum: Vec, sink: Float?) -> Vec {
    guard let sink else { return 1 / sum }
    return sinkFactor(maximum, sum, splat(sink))
}

@inline(__always)
func sinkFactor(_ maximum: Vec, _ sum: Vec, _ sink: Vec) -> Vec {
    let sink = sink * splat(log2e)
    let safe = subtrahend(larger(maximum, sink))
    let decay = exp2(maximum - safe)
    return decay / fma(sum, decay, exp2(sink - safe))
}

/// The factors of two running softmaxes in their merged one.
@inline(__always)
func mergeDecays(_ left: Vec, _ right: Vec) -> (maximum: Vec, left: Vec, right: Vec) {
    let maximum = larger(left, right)
    let safe = subtrahend(maximum)
    return (maximum, exp2(left - safe), exp2(right - safe))
}

#endif
