import Attention
import Files
import Tensors
import Work

/// A key of a plan: how it is read and written, which flag sets it, and what a difference in it
/// means to a comparison.
///
/// A new key needs one property, one `PlanField` beside it, and its flag.
package struct PlanField: Sendable {
    package enum Role: Hashable, Sendable {
        /// What is computed: other work takes another time for no fault of the cluster.
        case problem
        /// How the work is split and carried; two plans are compared to find the effect of this.
        case arrangement
        /// Keys that change no time, only its precision; the worker counts too, since they pair
        /// points.
        case procedure
    }

    package let key: String
    package let role: Role
    /// The flag that sets it: `--key-length`.
    package let flag: String
    /// Its value in a plan as text; equal values have equal texts.
    package let text: @Sendable (RunPlan) -> String
    let read: @Sendable (KeyedDecodingContainer<AnyKey>, inout RunPlan) throws -> Void
    let write: @Sendable (RunPlan, inout KeyedEncodingContainer<AnyKey>) throws -> Void

    /// Describes one key; `absent` is the text of a missing value.
    ///
    /// A key that is not always written is left out while it has its default: an older build, which
    /// a comparison may run, refuses keys that it does not know.
    init<Value: PlanValue>(
        _ key: String,
        _ role: Role,
        _ path: WritableKeyPath<RunPlan, Value> & Sendable,
        flag: String? = nil,
        absent: String = "none",
        isWrittenAlways: Bool = true,
        text: (@Sendable (RunPlan) -> String)? = nil
    ) {
        let name = AnyKey(key)
        self.key = key
        self.role = role
        self.flag = flag ?? Self.flag(key)
        self.text = text ?? { $0[keyPath: path].planText ?? absent }
        read = { container, plan in
            if let value = try Value.read(container, name) { plan[keyPath: path] = value }
        }
        let usual = RunPlan()[keyPath: path]
        write = { plan, container in
            let value = plan[keyPath: path]
            guard isWrittenAlways || value != usual else { return }
            try value.write(to: &container, name)
        }
    }

    private static func flag(_ key: String) -> String {
        key.reduce(into: "--") { flag, letter in
            flag += letter.isUppercase ? "-\(letter.lowercased())" : "\(letter)"
        }
    }
}

/// What a key of a plan can hold.
protocol PlanValue: Codable, Equatable, Sendable {
    /// The value as text; nil for no value.
    var planText: String? { get }
    /// Nil when the key is not there, or null.
    static func read(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> Self?
    func write(to container: inout KeyedEncodingContainer<AnyKey>, _ key: AnyKey) throws
}

extension PlanValue {
    var planText: String? { "\(self)" }

    static func read(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> Self? {
        try container.decodeIfPresent(Self.self, forKey: key)
    }

    func write(to container: inout KeyedEncodingContainer<AnyKey>, _ key: AnyKey) throws {
        try container.encode(self, forKey: key)
    }
}

extension Int: PlanValue {}
extension Float: PlanValue {}
extension Double: PlanValue {}
extension Bool: PlanValue {}
extension String: PlanValue {}
extension MaskSpecification: PlanValue {}
extension AlibiSpecification: PlanValue {}
extension PinSpecification: PlanValue {}
extension ComputeSpecification: PlanValue {}
extension Launch: PlanValue {}

extension UInt64: PlanValue {
    /// Refuses a number that JSON tools round, where it may have gone through one: a record is written and
    /// read by headwise alone, and older ones have such numbers.
    static func read(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> Self? {
        guard
            let value = try container.decodeIfPresent(ExactInteger.self, forKey: key)?.wrappedValue
        else { return nil }
        let isPlan = container.codingPath.isEmpty
        // What is no text is a number.
        if isPlan, value > ExactInteger.largestNumber,
            (try? container.decode(String.self, forKey: key)) == nil
        {
            throw ExperimentError(
                .usage,
                "the plan's key “\(key.stringValue)”",
                "is a number above 2⁵³, which many JSON tools round",
                expected: "text, such as \"\(value)\"",
                remedy: "write it in quotation marks, or choose a smaller one"
            )
        }
        return value
    }

    func write(to container: inout KeyedEncodingContainer<AnyKey>, _ key: AnyKey) throws {
        try container.encode(ExactInteger(wrappedValue: self), forKey: key)
    }
}

extension [Int]: PlanValue {
    var planText: String? { map(String.init).joined(separator: ",") }
}

extension Optional: PlanValue where Wrapped: PlanValue {
    var planText: String? { flatMap(\.planText) }

    static func read(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> Self? {
        try Wrapped.read(container, key)
    }

    func write(to container: inout KeyedEncodingContainer<AnyKey>, _ key: AnyKey) throws {
        try self?.write(to: &container, key)
    }
}

/// One of some named values.
protocol PlanChoice: PlanValue, RawRepresentable<String>, CaseIterable {}

extension PlanChoice {
    var planText: String? { rawValue }

    /// Names the possible values in the error: the compiler's message names only the wrong one.
    static func read(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> Self? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
        if let value = Self(rawValue: text) { return value }
        throw ExperimentError.unknownValue(
            "the plan's key “\(key.stringValue)”",
            text,
            known: allCases.map(\.rawValue)
        )
    }
}

extension Split: PlanChoice {}
extension Schedule: PlanChoice {}
extension Transport: PlanChoice {}
extension InstructionSet: PlanChoice {}
extension MaskedRows: PlanChoice {}
extension ValueKind: PlanChoice {}
extension VerificationMode: PlanChoice {}
extension TensorLayout: PlanChoice {}
