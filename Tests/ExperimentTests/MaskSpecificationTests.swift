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
