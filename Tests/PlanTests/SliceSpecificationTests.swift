import Files
import TestSupport
import Testing

@testable import Plan

struct SliceSpecificationTests {
    @Test(arguments: [
        ("all", [0, 1, 2, 3, 4, 5]), ("0:0", [0]), ("1:2", [5]), ("1:*", [3, 4, 5]),
        ("1:2,0:1", [5, 1]), ("0:*,1:0", [0, 1, 2, 3]),
    ])
    func `slices have the order in which they are named`(_ text: String, _ slices: [Int]) throws {
        let found = try SliceSpecification(text, flag: "--slices")
        #expect(try found.slices(batch: 2, heads: 3, flag: "--slices") == slices)
    }

    @Test(arguments: ["", "3", "0:", ":1", "0:1,", "a:0", "0:-1", "-1:0", "*:0", "0:1:2", "All"])
    func `what names no slice is refused`(_ text: String) {
        expectRefusal(.usage, of: "--slices \(text)") {
            _ = try SliceSpecification(text, flag: "--slices")
        }
    }

    @Test(arguments: ["2:0", "0:3", "0:0,1:3", "2:*"])
    func `a slice that does not exist is refused`(_ text: String) throws {
        let found = try SliceSpecification(text, flag: "--slices")
        let missing = text.split(separator: ",").last.map(String.init) ?? text
        expectRefusal(.usage, of: "--slices \(missing)") {
            _ = try found.slices(batch: 2, heads: 3, flag: "--slices")
        }
    }

    @Test(arguments: [("1:2,1:2", "1:2"), ("0:*,0:1", "0:1"), ("0:1,0:*", "0:1")])
    func `a slice that is named twice is refused`(_ text: String, _ slice: String) throws {
        let found = try SliceSpecification(text, flag: "--slices")
        expectRefusal(.usage, of: "--slices \(slice)") {
            _ = try found.slices(batch: 2, heads: 3, flag: "--slices")
        }
    }
}
