/// A whole number as JSON tools keep it: above 2⁵³ it is text, since many of them read numbers as doubles
/// and round it.
@propertyWrapper
package struct ExactInteger: Codable, Equatable, Sendable {
    /// The largest number below which doubles leave none out.
    package static let largestNumber: UInt64 = 1 << 53

    package var wrappedValue: UInt64

    package init(wrappedValue: UInt64) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // What is no text is a number.
        guard let text = try? container.decode(String.self) else {
            wrappedValue = try container.decode(UInt64.self)
            return
        }
        guard let number = UInt64(text) else {
            throw DecodingError.typeMismatch(
                UInt64.self,
                .init(codingPath: container.codingPath, debugDescription: "not a whole number")
            )
        }
        wrappedValue = number
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if wrappedValue > Self.largestNumber {
            try container.encode("\(wrappedValue)")
        } else {
            try container.encode(wrappedValue)
        }
    }
}
