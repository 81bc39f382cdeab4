import Testing

@testable import Files
@testable import Plan

/// Sizes and times as people write them.
struct SizeSpecificationTests {
    @Test(arguments: [
        ("0", [0]), ("4", [4]), ("64B", [64]), ("1KiB,4", [4, 1024]), ("1MiB,1024KiB", [1 << 20]),
        ("1GiB", [1 << 30]), ("64-1KiB*4", [64, 256, 1024]), ("64-1000*4", [64, 256]),
        ("8-8*2", [8]), ("0,4-64*16", [0, 4, 64]), ("1.5KiB", [1536]), ("0.25MiB", [1 << 18]),
        ("0.5KiB-2KiB*2", [512, 1024, 2048]),
    ])
    func `sizes are read, sorted and each kept once`(text: String, sizes: [Int]) throws {
        #expect(try SizeSpecification.sizes(text, flag: "--sizes") == sizes)
    }

    @Test(arguments: [
        "", ",", "4,", "x", "KiB", "-4", "1.3KiB", "1.KiB", ".5KiB", "1..5KiB", "1.5.5KiB",
        "0.5KiB*2", "4 KiB", "4kib", "2", "1073741828", "2GiB",
        "99999999999999999999", "9999999999GiB", "4-", "-8*2", "8-4*2", "4-8", "4-8*", "4-8*1",
        "4-8*x", "0-8*2", "4-8*2*2", "4-8-16*2", "4-2GiB*2",
    ])
    func `what is no size is refused`(_ text: String) {
        let error = #expect(throws: ExperimentError.self) {
            _ = try SizeSpecification.sizes(text, flag: "--sizes")
        }
        #expect(error?.exitCode == 64)
        #expect("\(error as Any)".contains("--sizes"))
    }

    @Test(
        arguments: [
            ("1ns", 1), ("999us", 999_000), ("1000us", 1_000_000), ("3ms", 3_000_000),
            ("2s", 2_000_000_000),
        ] as [(String, UInt64)]
    )
    func `a time is read, and written in its largest unit`(text: String, nanoseconds: UInt64) {
        #expect(TimeSpecification.nanoseconds(text) == nanoseconds)
        let written = TimeSpecification.text(nanoseconds)
        #expect(TimeSpecification.nanoseconds(written) == nanoseconds)
        #expect(written.count <= text.count)
    }

    @Test(arguments: ["", "1", "ms", "0s", "1.5s", "-1s", "1 s", "1m", "99999999999999999999s"])
    func `what is no time is none`(_ text: String) {
        #expect(TimeSpecification.nanoseconds(text) == nil)
    }
}
