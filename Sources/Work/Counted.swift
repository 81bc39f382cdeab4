/// A number and the noun that it counts, as in a sentence: `1 row`, `2 rows`.
///
/// Give both forms for a verb, or for a noun whose plural needs more than an s.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? "\(one)s")"
}

extension Int {
    /// The first divisors of a positive number, for people to choose from.
    package var divisorsInWords: String {
        let found = (1...Swift.min(self, 4096)).filter { self % $0 == 0 }.prefix(12)
        return found.map(String.init).joined(separator: ", ")
    }
}
