// Pass 3, and the entry points for spans that are computed apart.

#if ISA_BASELINE || arch(x86_64)

/// The weights of two running softmaxes in their merged one.
@inline(__always)
func mergeDecays(_ left: Vec, _ right: Vec) -> (maximum: Vec, left: Vec, right: Vec) {
    let maximum = larger(left, right)
    let safe = subtrahend(maximum)
    return (maximum, exp2(left - safe), exp2(right - safe))
}

/// Pass 3: the span's running softmax joins that of the spans before it.
///
/// Where one side saw nothing, m is -Inf and its decay 0, and the other side stays as it is.
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

/// The running softmax of `rows` query rows over the keys of span `span`: m, l `[rows]` and
/// o `[rows, Dv]`, not yet divided by l.
///
/// A row that sees no key of the span has m = -Inf and l = -0: the sign tells it from a row whose
/// scores are all -Inf, which is NaN in the end and not zeros.
@inline(never)
public func forwardSpan(
    query: UnsafePointer<Float>,
    key: UnsafePointer<Float>,
    value: UnsafePointer<Float>,
    visibleStart: UnsafePointer<Int32>,
    visibleEnd: UnsafePointer<Int32>,
    rangeOffsets: UnsafePointer<Int32>?,
    ranges: UnsafePointer<Int32>?,
    visibility: UnsafePointer<UInt8>?,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    valueDimension: Int,
    scale: Float,
    softCap: Float,
    slope: Float,
    firstPosition: Int,
    nearest: UnsafePointer<Int32>?,
    span: Int,
    maximum: UnsafeMutablePointer<Float>,
    sum: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer
) {
    run(
        Call(
            slice: Slice(
                key: key,
                value: value,
                headDimension: headDimension,
                valueDimension: valueDimension,
                cap: softCap * log2e,
                slope: slope * log2e,
                keyEnd: 0
            ),
            query: query,
            visibleStart: visibleStart,
            visibleEnd: visibleEnd,
            rangeOffsets: rangeOffsets,
            ranges: ranges,
            visibility: visibility,
            rows: rows,
            firstPosition: firstPosition,
            nearest: nearest,
            keyLength: keyLength,
            keys: span &* spanKeys..<min((span &+ 1) &* spanKeys, keyLength),
            scale: scale,
            output: output,
            partialMaximum: maximum,
            partialSum: sum,
            work: Workspace(workspace)
        )
    )
}

/// Joins the running softmax of the next span to that of the spans before it, in place.
@inline(never)
public func mergeSpans(
    rows: Int,
    valueDimension: Int,
    maximum: UnsafeMutablePointer<Float>,
    sum: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>,
    nextMaximum: UnsafePointer<Float>,
    nextSum: UnsafePointer<Float>,
    nextOutput: UnsafePointer<Float>
) {
    for row in 0..<rows {
        let decays = mergeDecays(splat(maximum[row]), splat(nextMaximum[row]))
        maximum[row] = decays.maximum[0]
        sum[row] = fma(splat(sum[row]), decays.left, splat(nextSum[row]) * decays.right)[0]
        let old = output + row &* valueDimension
        let new = nextOutput + row &* valueDimension
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
public func finishSpans(
    rows: Int,
    valueDimension: Int,
    sum: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        let hidden = sum[row] == 0 && sum[row].sign == .minus
        let factor = 1 / splat(sum[row])
        let target = output + row &* valueDimension
        for e in 0..<valueDimension {
            target[e] = hidden ? 0 : canonical(splat(target[e]) * factor)[0]
        }
    }
}

#endif
