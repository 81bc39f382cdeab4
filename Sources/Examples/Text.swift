import Record

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

func two(_ value: Double) -> String { Units.decimal(value, places: 2) }

func four(_ value: Float) -> String { Units.decimal(Double(value), places: 4) }

/// The text at the right end of some columns.
func right(_ value: some CustomStringConvertible, _ columns: Int) -> String {
    let text = "\(value)"
    return String(repeating: " ", count: max(0, columns - text.count)) + text
}
