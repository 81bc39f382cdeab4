/// A byte count for people.
///
/// Needed amounts are rounded up and available amounts down, so that a message never says that 4
/// does not fit into 4.
package func amount(_ bytes: Int, _ rule: FloatingPointRoundingRule) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
    guard let (size, unit) = units.first(where: { bytes >= $0.0 }) else {
        return counted(bytes, "byte")
    }
    return "\((Double(bytes) / Double(size) * 100).rounded(rule) / 100) \(unit)"
}
