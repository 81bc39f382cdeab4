/// The type of the numbers in query, key and value.
///
/// Outputs, lengths and running sums do not depend on it: they stay f32 and Int32.
package enum Element: String, Hashable, Sendable, Codable {
    /// IEEE 754 binary32.
    case float32

    package var byteCount: Int {
        switch self {
        case .float32: 4
        }
    }
}
