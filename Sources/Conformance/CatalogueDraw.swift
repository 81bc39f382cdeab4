/// The choices behind random cases: SplitMix64 (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014).
///
/// Case n of a seed does not depend on how many cases are drawn, so that it can be found again.
struct CatalogueDraw: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, ordinal: Int, attempt: Int = 0) {
        state = Self.mixed(seed ^ Self.mixed(UInt64(ordinal) << 8 | UInt64(attempt)))
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.finished(state)
    }

    /// A number that depends on every bit of `value`.
    static func mixed(_ value: UInt64) -> UInt64 { finished(value &+ 0x9E37_79B9_7F4A_7C15) }

    private static func finished(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// True in `percent` of all draws.
    mutating func chance(_ percent: Int) -> Bool { number(in: 0...99) < percent }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    mutating func one<Value>(of values: [Value]) -> Value {
        values[number(in: 0...values.count - 1)]
    }

    /// A few of the values, in their order, one at least.
    mutating func some<Value>(_ count: Int, of values: [Value]) -> [Value] {
        var indices = Set<Int>()
        while indices.count < min(count, values.count) {
            indices.insert(number(in: 0...values.count - 1))
        }
        return indices.sorted().map { values[$0] }
    }
}
