/// Where the inputs of a problem lie when one memory has all of them.
package struct InputLayout: Sendable {
    /// The tensors that the problem has, in the order of their numbers, and where each begins: at a
    /// whole page.
    package let tensors: [(tensor: TensorName, offset: Int)]
    package let byteCount: Int

    package init(_ problem: AttentionProblem) {
        var tensors: [(tensor: TensorName, offset: Int)] = []
        var end = 0
        for tensor in TensorName.inputs.sorted(by: { $0.rawValue < $1.rawValue }) {
            let byteCount = problem.byteCount(of: tensor)
            guard byteCount > 0 else { continue }
            let offset = (end + 4095) / 4096 * 4096
            tensors.append((tensor, offset))
            end = offset + byteCount
        }
        self.tensors = tensors
        byteCount = end
    }
}
