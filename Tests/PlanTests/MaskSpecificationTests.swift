import Attention
import TestSupport
import Testing

@testable import Plan

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
        (
            "causal+blocks:a+b,c/causal+1.npy,block=16+lengths:random",
            MaskSpecification(
                band: .causal,
                pattern: .blocks(path: "a+b,c/causal+1.npy", block: 16),
                lengths: .random
            )
        ),
        (
            #"causal+blocks:"a+b",block=16"#,
            MaskSpecification(band: .causal, pattern: .blocks(path: "a+b", block: 16))
        ),
    ])
    func `a mask is read and written as the same text`(
        text: String,
        mask: MaskSpecification
    ) throws {
        #expect(try MaskSpecification(text) == mask)
        #expect(mask.description == text)
    }

    @Test(arguments: [
        "layout", "a.npy", "a b.npy", "a+1.npy", "a,block=3.npy", "a.npy+input", "a.npy,b.npy",
        "a.npyx",
        "a.npy.npy", "+", ",", "+5", "a,b", "\"", "\"a\"", "a\"+b.npy", "a\\", "\\\"+", "a.npy/b+c",
        "blocks:a",
        "größe+ü.npy", "a:b,c",
    ])
    func `any path of a layout is read back`(path: String) throws {
        for mask in [
            MaskSpecification(pattern: .blocks(path: path, block: 16)),
            MaskSpecification(
                band: .causal,
                pattern: .blocks(path: path, block: 8),
                lengths: .given([1, 2]),
                usesInput: true
            ),
        ] {
            #expect(try MaskSpecification(mask.description) == mask, "\(mask)")
        }
    }

    @Test func `a path in quotation marks is what stands between them`() throws {
        let mask = try MaskSpecification(#"blocks:"a\"+,\\"+input"#)
        #expect(mask.pattern == .blocks(path: #"a"+,\"#, block: 64) && mask.usesInput)
        #expect(
            try MaskSpecification("blocks:a+b.npy+input").description
                == "blocks:a+b.npy,block=64+input"
        )
    }

    @Test func `the parts of a mask stand in any order`() throws {
        let mask = try MaskSpecification("lengths:random+causal")
        #expect(mask.description == "causal+lengths:random")
    }

    @Test func `the missing keys of a pattern have defaults`() throws {
        let bird = try MaskSpecification("bigbird:random=1").description
        #expect(bird == "bigbird:window=3,random=1,block=64,global=1,seed=1")
        #expect(try MaskSpecification("blocks:a.npy").description == "blocks:a.npy,block=64")
        let sorted = try MaskSpecification("longformer:global=7+2+7,window=4").description
        #expect(sorted == "longformer:window=4,global=2+7")
    }

    /// Expects a mask to be refused with the grammar, and `part` to be named as what is wrong.
    private func refuse(
        _ text: String,
        _ part: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let refusal = expectRefusal(
            .usage,
            of: "--mask \(text)",
            naming: "causal-bottom-right",
            "bigbird:window=3",
            sourceLocation: sourceLocation
        ) { _ = try MaskSpecification(text) }
        let problem = refusal?.problem ?? ""
        #expect(problem.contains(part), "\(problem)", sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        ("window", "window"), ("window:", "window"), ("window:x", "“x”"), ("window:0", "“0”"),
        ("window:1+2+3", "“1+2+3”"), ("window:-3", "“-3”"), ("window:4+causal+9", "“causal+9”"),
        ("window:4+window:5", "pattern"), ("longformer:global=1", "window="),
        ("longformer:window=a", "window=a"), ("longformer:window=4,windows=5", "windows"),
        ("longformer:window=4,window=5", "window"), ("bigbird:3", "“3”"),
        ("bigbird:block=1+2", "block"), ("bigbird:random=-1", "random=-1"),
        ("blocks:a.npy,size=3", "size"), ("blocks:\"a", "quotation"), ("blocks:\"a\"b", "“b”"),
        ("blocks:a.npy,block=1+2", "block"), ("blocks:", "blocks"), ("windowed:5", "windowed"),
    ])
    func `a wrong pattern is refused by the part at fault`(text: String, part: String) {
        refuse(text, part)
    }

    @Test(arguments: [
        ("", "“”"), ("casual", "casual"), ("causal+", "“”"), ("none+causal", "none"),
        ("causal+causal", "causal"), ("causal+causal-bottom-right", "causal"),
        ("input+input", "input"), ("lengths:1+lengths:random", "lengths"), ("lengths:", "“”"),
        ("lengths:1,", "“”"), ("lengths:-1", "-1"), ("lengths:1,x", "x"),
        ("lengths:4294967296", "4294967296"), ("lengths:99999999999999999999", "9999"),
        ("Causal", "Causal"), (" causal", " causal"),
    ])
    func `a wrong mask is refused by the part at fault`(text: String, part: String) {
        refuse(text, part)
    }
}
