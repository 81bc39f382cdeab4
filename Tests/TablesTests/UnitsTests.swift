import Testing

@testable import Plan
@testable import Record
@testable import Tables

struct UnitsTests {
    @Test(
        arguments: [
            (0, "0.00 ns"), (999, "999 ns"), (999.4, "999 ns"), (999.6, "1.00 µs"),
            (1_000, "1.00 µs"), (78_123_456, "78.1 ms"), (9_996_000, "10.0 ms"),
            (999_400_000, "999 ms"), (999_500_000, "1.00 s"), (7.2e12, "7200 s"),
        ]
    )
    func `times have three digits and a fitting unit`(nanoseconds: Double, text: String) {
        #expect(Units.time(nanoseconds) == text)
    }

    @Test(arguments: [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
        (21, "21st"), (102, "102nd"), (111, "111th"),
    ])
    func `ordinals have their endings`(number: Int, text: String) {
        #expect(Units.ordinal(number) == text)
    }

    @Test func `a column keeps one unit`() {
        #expect(Units.time(1.5e9, in: .milliseconds) == "1500 ms")
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (49_152, "48 KiB"),
            (16_882_074, "16.1 MiB"), (1_048_575, "1.00 MiB"), (1 << 44, "16 TiB"),
        ]
    )
    func `bytes count in powers of two`(count: Int, text: String) {
        #expect(Units.bytes(count) == text)
    }

    @Test(arguments: [
        (0, "0 queries"), (1, "1 query"), (2, "2 queries"),
    ])
    func `one is singular`(count: Int, text: String) {
        #expect(Units.counted(count, "query", "queries") == text)
    }

    @Test func `one query and one key are singular`() {
        let line = Headlines.problem(RunPlan { $0.length = 1 })
        #expect(line.contains(" 1 query × 1 key, "), "\(line)")
        let counted = Headlines.problem(RunPlan { $0.length = 2 })
        #expect(counted.contains(" 2 queries × 2 keys, "), "\(counted)")
    }

    @Test func `numbers are rounded, not cut`() {
        #expect(Units.decimal(0.05, places: 1) == "0.1")
        #expect(Units.decimal(-1.25, places: 1) == "-1.3")
        #expect(Units.decimal(2.0, places: 3) == "2.000")
        #expect(Units.decimal(-0.04, places: 1) == "0.0")
        #expect(Units.decimal(.nan, places: 1) == "NaN")
        #expect(Units.percent(0.876) == "88 %")
        #expect(Units.percent(0.0042, isFine: true) == "0.4 %")
        #expect(Units.percent(0.0996, isFine: true) == "10 %")
        #expect(Units.significant(.infinity) == "Inf")
        #expect(Units.significant(-1.953_8e31) == "-2.0e31")
    }

    @Test(
        arguments: [
            (0, "0 %"), (1, "<0.1 %"), (4, "<0.1 %"), (5, "0.1 %"), (994, "9.9 %"), (1234, "12 %"),
            (9949, "99 %"), (9950, "99.5 %"), (9966, "99.7 %"), (9999, ">99.9 %"),
            (10_000, "100 %"),
        ]
    )
    func `only all is 100 %, and only nothing is 0 %`(_ part: Int, _ text: String) {
        #expect(Units.share(Double(part), of: 10_000) == text)
    }

    @Test(
        arguments: [
            (5.43e-7, "5.4e-7"), (9.96e-7, "1.0e-6"), (1, "1.0e0"), (0, "0"), (-12.34, "-1.2e1"),
            (Double.leastNonzeroMagnitude, "4.9e-324"), (1e300, "1.0e300"),
        ]
    )
    func `errors have two digits and a power of ten`(value: Double, text: String) {
        #expect(Units.scientific(value) == text)
    }
}
