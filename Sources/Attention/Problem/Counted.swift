/// A number and what it counts, as sentences say it: `1 row`, `2 rows`; with a verb, or a noun that
/// takes more than an s, both forms are given.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? "\(one)s")"
}
