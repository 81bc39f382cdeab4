import Attention
import TestSupport
import Testing

@testable import Plan
@testable import Statistics
@testable import Tensors

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
        let plan = try RunPlan { $0.input = tensors.path }.adopting(tensors, stated: [])
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
        var plan = RunPlan { $0.input = tensors.path }
        #expect(try plan.adopting(tensors, stated: []).mask == MaskSpecification("input"))
        plan.mask = try MaskSpecification("causal")
        let stated = try plan.adopting(tensors, stated: ["--mask"])
        #expect(stated.problem.attentionProblem(input: tensors.mask).mask == Mask(band: .causal))
        plan.mask = try MaskSpecification("causal+input")
        let joined = try plan.adopting(tensors, stated: ["--mask"])
        #expect(
            joined.problem.attentionProblem(input: tensors.mask).mask
                == Mask(band: .causal, visibility: .shared)
        )
    }

    /// What the note on a file with the tensors `names` says beside `--mask mask`.
    private func unused(
        _ names: [String],
        beside mask: String,
        in folder: borrowing TemporaryFolder
    ) throws -> String? {
        let tensors = try tensors(
            {
                if names.contains("mask") {
                    $0.set("mask", "BOOL", [3, 7], [UInt8](repeating: 1, count: 21))
                }
                if names.contains("lengths") {
                    $0.set("lengths", "I32", [2], littleEndian([1, 2] as [Int32]))
                }
            },
            in: folder
        )
        let plan = try RunPlan {
            $0.mask = try MaskSpecification(mask)
            $0.input = tensors.path
        }
        .adopting(tensors, stated: ["--mask"])
        return plan.unusedMask(of: tensors)
    }

    /// `better` is the mask that uses what is in the file, too.
    @Test(
        arguments: [
            ("none", ["lengths"], "input"), ("causal", ["lengths"], "causal+input"),
            ("causal", ["lengths", "mask"], "causal+input"), ("lengths:1,2", ["lengths"], "input"),
            ("lengths:1,2", ["mask"], "lengths:1,2+input"),
            ("causal+input", ["lengths", "mask"], nil), ("causal", [], nil),
        ] as [(String, [String], String?)]
    )
    func `mask and lengths that a stated mask does not use are named`(
        mask: String,
        names: [String],
        better: String?
    ) throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let note = try unused(names, beside: mask, in: folder)
        #expect((note == nil) == (better == nil))
        guard let better, let note else { return }
        for part in [path, "--mask \(mask)", "--mask \(better)"] {
            #expect(note.contains(part), "\(note)")
        }
        let rest = note.replacing("--mask", with: "")
        for name in names { #expect(rest.contains(name), "\(note)") }
    }

    @Test func `a note on an unused mask tells mask and lengths apart`() throws {
        let folder = try TemporaryFolder()
        var notes: Set<String?> = []
        for names in [["lengths"], ["mask"], ["lengths", "mask"]] {
            notes.insert(try unused(names, beside: "causal", in: folder))
        }
        #expect(notes.count == 3, "\(notes)")
    }

    @Test
    func `flags that generate tensors are refused beside an input unless they have an effect`()
        throws
    {
        let folder = try TemporaryFolder()
        let tensors = try tensors(in: folder)
        var plan = RunPlan {
            $0.seed = 3
            $0.values = .large
            $0.input = tensors.path
        }
        // Values that were not stated are ignored.
        _ = try plan.adopting(tensors, stated: RunPlan.inputFlags.subtracting(Self.sizes))
        expectRefusal(.usage, naming: "--values large", tensors.path) {
            _ = try plan.adopting(tensors, stated: ["--values"])
        }
        expectRefusal(.usage, naming: "--seed 3", tensors.path) {
            _ = try plan.adopting(tensors, stated: ["--seed"])
        }
        plan.mask.lengths = .random
        _ = try plan.adopting(tensors, stated: ["--seed", "--mask"])
    }

    @Test func `a seed that draws the rows to check has an effect beside an input`() throws {
        let folder = try TemporaryFolder()
        // 1025 rows of 1024 keys are beyond 1 GFLOP, so the rows to check are drawn.
        let large = try tensors(
            {
                $0.setFloats("q", [1, 1, 1025, 512])
                $0.setFloats("k", [1, 1, 1024, 512])
                $0.setFloats("v", [1, 1, 1024, 1])
            },
            in: folder
        )
        var plan = RunPlan {
            $0.seed = 3; $0.input = large.path
        }
        _ = try plan.adopting(large, stated: ["--seed"])
        plan.verify = .full
        expectRefusal(.usage, of: "--seed 3") {
            _ = try plan.adopting(large, stated: ["--seed"])
        }
    }

    /// The flags of attention.
    private static let sizes = RunPlan.inputFlags.subtracting([
        "--mask", "--embedding", "--source", "--steps",
    ])

    @Test(arguments: sizes.sorted())
    func `a stated size that the input does not have is refused`(flag: String) throws {
        let folder = try TemporaryFolder()
        let tensors = try tensors(in: folder)
        let plan = RunPlan {
            $0.batch = 9
            $0.heads = 9
            $0.length = 9
            $0.headDimension = 9
            $0.input = tensors.path
        }
        expectRefusal(.usage, naming: "\(flag) 9", tensors.path) {
            _ = try plan.adopting(tensors, stated: [flag])
        }
    }

    /// A file of nine heads of four rows, or in the other layout of four heads of nine rows.
    private func doubtful(in folder: borrowing TemporaryFolder) throws -> ExternalTensors {
        try tensors(
            { for name in ["q", "k", "v"] { $0.setFloats(name, [2, 9, 4, 5]) } },
            in: folder
        )
    }

    @Test(
        arguments: [
            ([], 1), (["--batch", "--head-dimension"], 1), (["--heads"], 0), (["--length"], 0),
            (["--key-length", "--batch"], 0),
        ] as [(Set<String>, Int)]
    )
    func `a layout is in doubt until a size is stated that decides`(
        stated: Set<String>,
        count: Int
    ) throws {
        let folder = try TemporaryFolder()
        let tensors = try doubtful(in: folder)
        var plan = RunPlan {
            $0.batch = 2
            $0.heads = 9
            $0.length = 4
            $0.headDimension = 5
            $0.input = tensors.path
        }
        plan = try plan.adopting(tensors, stated: stated)
        let doubts = plan.doubts(about: tensors, stated: stated)
        #expect(doubts.count == count)
        #expect(doubts.allSatisfy { $0.kind == .doubtfulInput })
        #expect(doubts.allSatisfy { $0.remedy.contains("--layout blhd") })
    }

    @Test func `a size that fits the other layout is refused with that layout`() throws {
        let folder = try TemporaryFolder()
        let tensors = try doubtful(in: folder)
        let plan = RunPlan {
            $0.heads = 4
            $0.length = 9
            $0.input = tensors.path
        }
        expectRefusal(.usage, naming: "--heads 4", "--layout blhd") {
            _ = try plan.adopting(tensors, stated: ["--heads", "--length"])
        }
        expectRefusal(.usage, naming: "--batch 8") {
            _ = try plan.adopting(tensors, stated: ["--heads", "--batch"])
        }
    }

    @Test(arguments: [
        ([3, 7], "[:, None, None]", "input"), ([3, 4, 7], nil, "input"),
        ([4, 3, 7], nil, "input"), ([3, 3, 7], "[None]", "input"), ([3, 3, 7], nil, "causal"),
    ])
    func `a mask of two readings gives a warning where it is used`(
        sizes: [Int],
        advice: String?,
        mask: String
    ) throws {
        let folder = try TemporaryFolder()
        // B 3, L 3, S 7, and as many heads as the mask has when it is one of each.
        let heads = sizes == [3, 3, 7] ? 3 : 4
        let rows = sizes == [3, 4, 7] ? 4 : 3
        let tensors = try tensors(
            {
                $0.setFloats("q", [3, heads, rows, 5])
                $0.setFloats("k", [3, heads, 7, 5])
                $0.setFloats("v", [3, heads, 7, 5])
                $0.set("mask", "BOOL", sizes, [UInt8](repeating: 1, count: sizes.reduce(1, *)))
            },
            in: folder
        )
        let plan = try RunPlan {
            $0.mask = try MaskSpecification(mask)
            $0.input = tensors.path
        }
        .adopting(tensors, stated: ["--mask"])
        let doubts = plan.doubts(about: tensors, stated: ["--mask"])
        #expect(doubts.count == (advice == nil ? 0 : 1))
        #expect(doubts.allSatisfy { $0.remedy.contains("mask\(advice ?? "?")") })
    }

    @Test func `a mask that the input does not have, or has twice, is refused`() throws {
        let folder = try TemporaryFolder()
        var plan = try RunPlan {
            $0.mask = try MaskSpecification("input")
            $0.input = folder.path
        }
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
