import Attention
import FoundationEssentials
import TestSupport
import Testing
import Work

@testable import Files
@testable import Plan

/// Which instruction set each worker computes with: the text of `--isa`.
struct InstructionSetChoiceTests {
    @Test(arguments: [
        ("avx2", InstructionSetChoice.one(.avx2)), ("own", .own),
        ("avx2,avx2", .one(.avx2)),
        ("avx512,baseline,baseline", .inTurn([.avx512, .baseline, .baseline])),
    ])
    func `a choice is read`(_ text: String, _ choice: InstructionSetChoice) throws {
        #expect(try InstructionSetChoice(flag: text) == choice)
        #expect(try InstructionSetChoice(flag: choice.description) == choice)
        var plan = RunPlan()
        plan.instructionSet = choice
        #expect(try again(plan).instructionSet == choice)
    }

    private func again(_ plan: RunPlan) throws -> RunPlan {
        try JSONDecoder().decode(RunPlan.self, from: Data(JSONText.encode(plan).utf8))
    }

    @Test(arguments: ["", "avx3", "avx2,", "own,avx2", "AVX2", "avx2, baseline"])
    func `anything else is refused`(_ text: String) {
        expectRefusal(.usage, naming: "--isa", text.contains("own") ? "own alone" : "avx512") {
            _ = try InstructionSetChoice(flag: text)
        }
    }

    @Test func `workers have their sets in turn`() {
        let choice = InstructionSetChoice.inTurn([.avx512, .baseline])
        let all = InstructionSet.allCases.map(\.rawValue)
        #expect(
            (0..<4).map { choice.set(ofWorker: $0, having: all) }
                == [.avx512, .baseline, .avx512, .baseline]
        )
        #expect(choice.set(ofWorker: 0, having: ["baseline", "avx2"]) == nil)
        #expect(choice.strongest == .avx512 && choice.isMixed)
        #expect(!InstructionSetChoice.one(.avx2).isMixed)
    }

    @Test func `a worker's own set is one that this machine has`() {
        let choice = InstructionSetChoice.own
        #expect(choice.set(ofWorker: 3, having: ["baseline"]) == .baseline)
        #expect(choice.set(ofWorker: 0, having: ["baseline", "sve9"]) == .baseline)
        let all = InstructionSet.allCases.map(\.rawValue)
        #expect(choice.set(ofWorker: 0, having: all) == .best)
        #expect(choice.set(ofWorker: 0, having: ["sve9"]) == nil)
    }

    private static let isWide = InstructionSet.available.count > 1
    private static var mixed: InstructionSetChoice { .inTurn(InstructionSet.available) }

    @Test(
        .enabled(if: isWide, "a processor with one instruction set mixes none"),
        arguments: [Split.keys, .ring]
    )
    func `a split that joins what workers computed has one instruction set`(_ split: Split) {
        expectRefusal(.usage, naming: "--isa", "--split") {
            try RunPlan {
                $0.length = 9000
                $0.keyLength = 9000
                $0.split = split
                $0.instructionSet = Self.mixed
                $0.workers = [3]
            }.validate(availableMemoryBytes: nil)
        }
    }

    @Test(.enabled(if: isWide, "a processor with one instruction set mixes none"))
    func `layers and tasks without computing have one instruction set`() throws {
        expectRefusal(.usage, naming: "--isa") {
            try RunPlan {
                $0.operation = .multiHead
                $0.embedding = 512
                $0.instructionSet = Self.mixed
                $0.workers = [3]
            }.validate(availableMemoryBytes: nil)
        }
        expectRefusal(.usage, naming: "--isa", "3", "2") {
            try RunPlan {
                $0.instructionSet = .inTurn(
                    [.baseline, .baseline] + InstructionSet.available.suffix(1)
                )
                $0.workers = [2]
            }.validate(availableMemoryBytes: nil)
        }
        expectRefusal(.usage, naming: "--isa", "--compute") {
            try RunPlan {
                $0.compute = .none
                $0.verify = .none
                $0.instructionSet = .own
            }.validate(availableMemoryBytes: nil)
        }
        for split in [Split.auto, .rows, .head] {
            try RunPlan {
                $0.split = split
                $0.instructionSet = Self.mixed
                $0.workers = [3]
            }.validate(availableMemoryBytes: nil)
        }
    }
}
