import ArgumentParser
import Attention
import Files
import Plan

/// Refuses a value that is out of its flag's range.
func require<Value: Comparable>(
    _ flag: String,
    _ value: Value,
    in range: ClosedRange<Value>,
    remedy: String
) throws(ExperimentError) {
    guard !range.contains(value) else { return }
    throw ExperimentError(
        .usage,
        "\(flag) \(value)",
        "is out of range",
        expected: "\(range.lowerBound) to \(range.upperBound)",
        remedy: remedy
    )
}

/// The instruction sets that `--isa` names, or all; this machine must have them.
func instructionSets(_ text: String) throws(ExperimentError) -> [InstructionSet] {
    guard text != "all" else { return InstructionSet.available }
    var sets: [InstructionSet] = []
    for name in try items("--isa", text) {
        let set: InstructionSet = try choice("--isa", name)
        guard set.isAvailable else { throw .unavailable(set, remedy: "use one of these") }
        sets.append(set)
    }
    return sets
}

/// The value that a flag names, or an error that lists the known values.
func choice<Value: RawRepresentable & CaseIterable>(
    _ flag: String,
    _ text: String
) throws(ExperimentError) -> Value where Value.RawValue == String {
    if let value = Value(rawValue: text) { return value }
    throw ExperimentError.unknownValue(flag, text, known: Value.allCases.map(\.rawValue))
}

/// The items of a list that a flag takes: none is empty, and none is repeated.
func items(
    _ flag: String,
    _ text: String,
    separator: Character = ","
) throws(ExperimentError) -> [String] {
    var items: [String] = []
    for item in text.split(separator: separator, omittingEmptySubsequences: false) {
        guard !item.isEmpty, !items.contains(String(item)) else {
            throw ExperimentError(
                .usage,
                "\(flag) \(text)",
                item.isEmpty ? "has an empty item" : "names \(item) twice",
                expected: "different items with one “\(separator)” between them",
                remedy: item.isEmpty ? "remove the empty item" : "remove one of the two"
            )
        }
        items.append(String(item))
    }
    return items
}

/// A list of different whole numbers as `--workers 1,2,4` writes it.
func numbers(_ flag: String, _ text: String) throws(ExperimentError) -> [Int] {
    var values: [Int] = []
    for item in try items(flag, text) {
        guard let value = Int(item) else {
            throw ExperimentError(
                .usage,
                "\(flag) \(text)",
                "has the item “\(item)”, which is not a whole number",
                expected: "whole numbers joined by commas",
                remedy: "write for example \(flag) 1,2,4"
            )
        }
        values.append(value)
    }
    // However they are written: 01 is 1.
    _ = try items(flag, values.map(String.init).joined(separator: ","))
    return values
}

extension CompletionKind {
    /// The shell offers the names of all values.
    static func names<Value: RawRepresentable & CaseIterable>(of type: Value.Type) -> CompletionKind
    where Value.RawValue == String {
        .list(type.allCases.map(\.rawValue))
    }
}
