import Attention
import Testing

@testable import Experiment

struct InputPlanTests {
    private func tensors(
        _ change: (inout TensorFixture) -> Void = { _ in },
        in folder: borrowing TemporaryFolder
    ) throws -> ExternalTensors {
        var fixture = TensorFixture.sound()
        change(&fixture)
        return try ExternalTensors(reading: fixture.write(.npz, in: folder))
    }

    @Test func `an input decides the sizes of a plan`() throws {
        let folder = try TemporaryFolder()
        let tensors = try tensors(in: folder)
        let plan = try RunPlan(input: tensors.path).adopting(tensors, stated: [])
        #expect(plan.shape == tensors.shape)
        #expect(plan.mask == .none)
        #expect(try plan.adopting(tensors, stated: RunPlan.inputFlags) == plan)
    }

    @Test func `an input decides the mask unless one is stated`() throws {
        let folder = try TemporaryFolder()
        let tensors = try tensors(
            { $0.set("mask", "BOOL", [3, 7], [UInt8](repeating: 1, count: 21)) },
            in: folder
        )
        var plan = RunPlan(input: tensors.path)
        #expect(try plan.adopting(tensors, stated: []).mask == MaskSpecification("input"))
        plan.mask = try MaskSpecification("causal")
        let stated = try plan.adopting(tensors, stated: ["--mask"])
        #expect(stated.problem(input: tensors.mask).mask == Mask(band: .causal))
        plan.mask = try MaskSpecification("causal+input")
        let joined = try plan.adopting(tensors, stated: ["--mask"])
        #expect(
            joined.problem(input: tensors.mask).mask == Mask(band: .causal, visibility: .shared)
        )
    }

    @Test(arguments: RunPlan.inputFlags.subtracting(["--mask"]).sorted())
    func `a stated size that the input does not have is refused`(flag: String) throws {
        let folder = try TemporaryFolder()
        let tensors = try tensors(in: folder)
        let plan = RunPlan(
            batch: 9,
            heads: 9,
            length: 9,
            headDimension: 9,
            input: tensors.path
        )
        expectRefusal(.usage, naming: "\(flag) 9", tensors.path) {
            _ = try plan.adopting(tensors, stated: [flag])
        }
    }

    @Test func `a mask that the input does not have, or has twice, is refused`() throws {
        let folder = try TemporaryFolder()
        var plan = RunPlan(mask: try MaskSpecification("input"), input: folder.path)
        let bare = try tensors(in: folder)
        expectRefusal(.usage, naming: "--mask input", bare.path) {
            _ = try plan.adopting(bare, stated: ["--mask"])
        }
        let measured = try tensors(
            { $0.set("lengths", "I32", [2], littleEndian([1, 2] as [Int32])) },
            in: folder
        )
        plan.mask = try MaskSpecification("lengths:1,2+input")
        expectRefusal(.usage, naming: "--mask lengths:1,2+input", measured.path) {
            _ = try plan.adopting(measured, stated: ["--mask"])
        }
    }
}
