import Attention
import Platform

extension AttentionInputs {
    func verify(
        kind: ValueKind? = .uniform,
        seed: UInt64,
        output: [Float],
        singleProcess: [Float]?,
        mode: VerificationMode = .full,
        cancellation: Cancellation? = nil
    ) throws -> VerificationReport {
        let verifier = try Verifier(
            problem,
            view,
            valueKind: kind,
            seed: seed,
            mode: mode,
            queryBlock: 64,
            cancellation: cancellation
        )
        return output.withUnsafeBufferPointer { output in
            guard let address = output.baseAddress else { preconditionFailure("empty output") }
            guard let singleProcess else {
                return verifier.verify(output: address, singleProcessOutput: nil)
            }
            // A copy, for an array compared with itself would rightly be mistrusted.
            return singleProcess.map { $0 }.withUnsafeBufferPointer {
                verifier.verify(output: address, singleProcessOutput: $0.baseAddress)
            }
        }
    }
}
