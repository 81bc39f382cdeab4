/// A number and the noun that it counts, as in a sentence: `1 row`, `2 rows`.
///
/// Give both forms for a verb, or for a noun whose plural needs more than an s.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? "\(one)s")"
}
