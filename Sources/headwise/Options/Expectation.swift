import ArgumentParser

/// The values that a flag takes, and the error message for all others.
///
/// Every flag with a number is declared by an expectation, because the parser alone only says that
/// a value is invalid.
struct Expectation<Value: Sendable>: Sendable {
    /// The rest of a sentence that begins with “expected”.
    let words: String
    fileprivate let read: @Sendable (String) -> Value?

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
    /// A whole number in the range.
    static func whole(_ range: ClosedRange<Value>) -> Expectation {
        Expectation("a \(description(of: range))") { text in
            Value(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number that its plan or its command checks, too.
    ///
    /// The range is only named here: a number out of it can also come from a file, and its refusal
    /// says more, such as what the number is for. A flag without such a check is `whole`.
    static func checkedLater(_ range: ClosedRange<Value>) -> Expectation {
        Expectation("a \(description(of: range))") { Value($0) }
    }

    /// One whole number, where another command takes several; checked later, too.
    static func one(_ range: ClosedRange<Value>, several command: String) -> Expectation {
        Expectation("one \(description(of: range)); for several, use '\(command)'") { Value($0) }
    }

    private static func description(of range: ClosedRange<Value>) -> String {
        "whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}

/// What a flag sets where a plan may have a value already: another one, or none.
struct Setting<Value: Sendable>: Sendable {
    var value: Value?

    /// What the user wrote.
    var text: String { value.map { "\($0)" } ?? without }
}

extension Expectation {
    /// The same, or the word none, which takes the value of a plan away.
    static func orNone<Wrapped>(_ expected: Expectation<Wrapped>) -> Expectation
    where Value == Setting<Wrapped> {
        Expectation("\(expected.words), or \(without)") { text in
            text == without
                ? Setting(value: nil) : expected.read(text).map { Setting(value: $0) }
        }
    }
}

/// The word that takes a value of a plan away.
let without = "none"

/// The text of a flag, or nil for the word that takes it away; a file of this name is ./none.
func unlessNone(_ text: String) -> String? { text == without ? nil : text }

extension Expectation where Value: LosslessStringConvertible & BinaryFloatingPoint {
    /// A number that may have a point; the largest is only named here, and checked later.
    static func number(such example: Value, upTo largest: Value? = nil) -> Expectation {
        let limit = largest.map { " up to \($0)" } ?? ""
        return Expectation("a number\(limit) such as \(example)") { text in
            // Digits that give infinity are a number too large to read.
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

    /// A flag with a default, which its help names in the parser's usual form.
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
