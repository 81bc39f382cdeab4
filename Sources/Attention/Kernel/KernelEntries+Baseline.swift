import KernelBaseline

extension KernelEntries {
    static let baseline = unsafe KernelEntries(
        queryBlock: KernelBaseline.queryBlock,
        keyBlock: KernelBaseline.keyBlock,
        workspaceBytes: KernelBaseline.workspaceBytes,
        forward: { rows, output, workspace in
            unsafe KernelBaseline.forward(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                nearest: rows.nearest,
                output: output,
                workspace: workspace
            )
        },
        forwardSpan: { rows, span, target, workspace in
            unsafe KernelBaseline.forwardSpan(
                query: rows.query,
                key: rows.key,
                value: rows.value,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                valueDimension: rows.valueDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                nearest: rows.nearest,
                span: span,
                maximum: target.maximum,
                sum: target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        decode: { rows, span, target, workspace in
            unsafe KernelBaseline.decode(
                query: rows.rows.query,
                key: rows.rows.key,
                value: rows.rows.value,
                visibleStart: rows.rows.visibleStart,
                visibleEnd: rows.rows.visibleEnd,
                rangeOffsets: rows.rows.rangeOffsets,
                ranges: rows.rows.ranges,
                visibility: rows.rows.visibility,
                maskRows: rows.rows.maskRows,
                rows: rows.rows.count,
                keyLength: rows.rows.keyLength,
                headDimension: rows.rows.headDimension,
                valueDimension: rows.rows.valueDimension,
                scale: rows.rows.scale,
                softCap: rows.rows.softCap,
                slopes: rows.slopes,
                positions: rows.positions,
                nearest: rows.rows.nearest,
                span: span ?? -1,
                maximum: span == nil ? nil : target.maximum,
                sum: span == nil ? nil : target.sum,
                output: target.output,
                workspace: workspace
            )
        },
        weights: { rows, output, workspace in
            unsafe KernelBaseline.weights(
                query: rows.query,
                key: rows.key,
                visibleStart: rows.visibleStart,
                visibleEnd: rows.visibleEnd,
                rangeOffsets: rows.rangeOffsets,
                ranges: rows.ranges,
                visibility: rows.visibility,
                rows: rows.count,
                keyLength: rows.keyLength,
                headDimension: rows.headDimension,
                scale: rows.scale,
                softCap: rows.softCap,
                slope: rows.slope,
                firstPosition: rows.firstPosition,
                nearest: rows.nearest,
                weights: output,
                workspace: workspace
            )
        },
        mergeSpans: { rows, valueDimension, total, next in
            unsafe KernelBaseline.mergeSpans(
                rows: rows,
                valueDimension: valueDimension,
                maximum: total.maximum,
                sum: total.sum,
                output: total.output,
                nextMaximum: next.maximum,
                nextSum: next.sum,
                nextOutput: next.output
            )
        },
        finishSpans: { rows, valueDimension, total in
            unsafe KernelBaseline.finishSpans(
                rows: rows,
                valueDimension: valueDimension,
                sum: total.sum,
                output: total.output
            )
        },
        fmaChains: { iterations, sink in
            unsafe KernelBaseline.fmaChains(iterations: iterations, seed: 0.5, sink: sink)
        },
        sumFloats: { numbers, count in unsafe KernelBaseline.sumFloats(numbers, count: count) }
    )
}
