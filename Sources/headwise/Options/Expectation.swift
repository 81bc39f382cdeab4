import ArgumentParser

/// What a flag takes, and the words that answer anything else.
///
/// Every flag with a number is declared by one, since the parser alone says only that a value is
/// invalid. Whether a number is in range is looked at later, where the plan or a record can have it
/// wrong, too.
struct Expectation<Value: Sendable>: Sendable {
    /// The rest of a sentence that begins with “expected”.
    let words: String
    private let read: @Sendable (String) -> Value?

    init(_ words: String, _ read: @escaping @Sendable (String) -> Value?) {
        self.words = words
        self.read = read
    }

    func value(of text: String) throws -> Value {
        guard let value = read(text) else { throw UnexpectedValue(expected: words) }
        return value
    }

    /// Follows the parser's “The value 'x' is invalid for '--flag'”.
    private struct UnexpectedValue: Error, CustomStringConvertible {
        let expected: String

        var description: String { "expected \(expected)" }
    }
}

extension Expectation where Value: FixedWidthInteger {
    /// A whole number, whose range is said and not tested.
    static func whole(_ range: ClosedRange<Value>) -> Expectation {
        Expectation("a \(description(of: range))") { Value($0) }
    }

    /// The same where another command takes several.
    static func one(_ range: ClosedRange<Value>, several command: String) -> Expectation {
        Expectation("one \(description(of: range)); for several use '\(command)'") { Value($0) }
    }

    private static func description(of range: ClosedRange<Value>) -> String {
        "whole number of at least \(range.lowerBound), up to \(range.upperBound)"
    }
}

extension Expectation where Value: LosslessStringConvertible & BinaryFloatingPoint {
    /// A number that may have a point.
    static func number(such example: Value) -> Expectation {
        Expectation("a number such as \(example)") { text in
            // What is infinite without saying so was too large to be read.
            guard let value = Value(text) else { return nil }
            return value.isFinite || !text.contains(where: \.isNumber) ? value : nil
        }
    }
}

extension Option {
    /// A flag that may be left out.
    init<Wrapped>(_ expected: Expectation<Wrapped>, help: ArgumentHelp) where Value == Wrapped? {
        self.init(help: help, transform: { try expected.value(of: $0) })
    }

    /// A flag with a default, which its help names as the parser does for others.
    init(wrappedValue: Value, _ expected: Expectation<Value>, help: ArgumentHelp)
    where Value: Sendable {
        var help = help
        help.abstract += " (default: \(wrappedValue))"
        self.init(
            wrappedValue: wrappedValue,
            help: help,
            transform: { try expected.value(of: $0) }
        )
    }
}
