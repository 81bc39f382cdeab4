/// The stages of a problem, and where their outputs lie when one memory has all of them.
///
/// It is worked out once for a workload: kernel regression may have hundreds of stages.
package struct StageLayout: Sendable {
    package let stages: [Stage]
    /// Where the output of each stage begins, in bytes: a tensor at a whole page, and the stages that
    /// write one tensor beside each other, as they are in it.
    package let offsets: [Int]
    /// The tensors of all stages but the last, and where they begin.
    package let earlierTensors: [(tensor: TensorName, offset: Int)]

    package init(_ problem: AttentionProblem) {
        stages = problem.stages
        var offsets = [0]
        for (stage, next) in zip(stages, stages.dropFirst()) {
            let end = (offsets.last ?? 0) + stage.byteCount
            offsets.append(stage.output == next.output ? end : (end + 4095) / 4096 * 4096)
        }
        var tensors: [(tensor: TensorName, offset: Int)] = []
        for (stage, offset) in zip(stages, offsets).dropLast()
        where tensors.last?.tensor != stage.output {
            tensors.append((stage.output, offset))
        }
        self.offsets = offsets
        earlierTensors = tensors
    }

    /// The bytes of the outputs of all stages but the last, which begins there.
    package var earlierByteCount: Int { offsets[offsets.count - 1] }

    package var byteCount: Int { earlierByteCount + stages[stages.count - 1].byteCount }
}
