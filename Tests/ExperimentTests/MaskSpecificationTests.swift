import Attention
import Testing

@testable import Experiment

struct MaskSpecificationTests {
    @Test(arguments: [
        ("none", MaskSpecification.none),
        ("causal", MaskSpecification(band: .causal)),
        ("causal-bottom-right", MaskSpecification(band: .causalBottomRight)),
        ("lengths:512,1024,0", MaskSpecification(lengths: .given([512, 1024, 0]))),
        ("lengths:random", MaskSpecification(lengths: .random)),
        ("input", MaskSpecification(usesInput: true)),
        ("causal+lengths:7", MaskSpecification(band: .causal, lengths: .given([7]))),
        (
            "causal-bottom-right+lengths:random+input",
            MaskSpecification(band: .causalBottomRight, lengths: .random, usesInput: true)
        ),
        ("window:256", MaskSpecification(pattern: .window(back: 256, ahead: 0))),
        ("window:128+64", MaskSpecification(pattern: .window(back: 128, ahead: 64))),
        (
            "causal+longformer:window=256,global=0+1+9",
            MaskSpecification(
                band: .causal,
                pattern: .longformer(LongformerPattern(window: 256, globals: [0, 1, 9]))
            )
        ),
        (
            "longformer:window=8",
            MaskSpecification(pattern: .longformer(LongformerPattern(window: 8, globals: [])))
        ),
        (
            "bigbird:window=3,random=2,block=32,global=2,seed=7+lengths:random",
            MaskSpecification(
                pattern: .bigBird(
                    BigBirdPattern(window: 3, random: 2, global: 2, block: 32, seed: 7)
                ),
                lengths: .random
            )
        ),
        (
            "blocks:some/layout.npy,block=16",
            MaskSpecification(pattern: .blocks(path: "some/layout.npy", block: 16))
        ),
    ])
    func `a mask is read and written as the same text`(
        text: String,
        mask: MaskSpecification
    ) throws {
        #expect(try MaskSpecification(text) == mask)
        #expect(mask.description == text)
    }

    @Test func `the parts of a mask stand in any order`() throws {
        let mask = try MaskSpecification("lengths:random+causal")
        #expect(mask.description == "causal+lengths:random")
    }

    @Test func `what a pattern leaves out has a default`() throws {
        let bird = try MaskSpecification("bigbird:random=1").description
        #expect(bird == "bigbird:window=3,random=1,block=64,global=1,seed=1")
        #expect(try MaskSpecification("blocks:a.npy").description == "blocks:a.npy,block=64")
        let sorted = try MaskSpecification("longformer:global=7+2+7,window=4").description
        #expect(sorted == "longformer:window=4,global=2+7")
    }

    @Test(arguments: [
        ("window", "window without"), ("window:", "window without"), ("window:x", "“x”"),
        ("window:0", "shows no key"), ("window:1+2+3", "two sides"), ("window:-3", "“-3”"),
        ("window:4+causal+9", "“causal+9”"), ("window:4+window:5", "two patterns"),
        ("longformer:global=1", "without window="), ("longformer:window=a", "window=a"),
        ("longformer:window=4,windows=5", "windows"), ("longformer:window=4,window=5", "twice"),
        ("bigbird:3", "“3”"), ("bigbird:block=1+2", "several numbers"),
        ("bigbird:random=-1", "random=-1"), ("blocks:a.npy,size=3", "size"),
        ("blocks:", "blocks without"), ("windowed:5", "windowed"),
    ])
    func `a pattern that is none is refused by its part`(text: String, part: String) {
        expectRefusal(.usage, naming: "--mask \(text)", part, "bigbird:window=3") {
            _ = try MaskSpecification(text)
        }
    }

    @Test(arguments: [
        ("", "the part “”"), ("casual", "casual"), ("causal+", "the part “”"),
        ("none+causal", "none"), ("causal+causal", "two causal"),
        ("causal+causal-bottom-right", "two causal"), ("input+input", "input twice"),
        ("lengths:1+lengths:random", "lengths twice"), ("lengths:", "the length “”"),
        ("lengths:1,", "the length “”"), ("lengths:-1", "-1"), ("lengths:1,x", "x"),
        ("lengths:4294967296", "4294967296"), ("lengths:99999999999999999999", "9999"),
        ("Causal", "Causal"), (" causal", " causal"),
    ])
    func `a mask that is none is refused by its part`(text: String, part: String) {
        expectRefusal(.usage, naming: "--mask \(text)", part, "causal-bottom-right") {
            _ = try MaskSpecification(text)
        }
    }
}
