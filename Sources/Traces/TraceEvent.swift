/// One event of a trace in the format of Chrome's `about:tracing`, which Perfetto reads, too.
///
/// Its text is one line of JSON. Moments are microseconds with three decimal places; a number of
/// nanoseconds since a machine's start would lose its last digits there, so they count from the first
/// trial.
struct TraceEvent {
    enum Phase: String {
        case slice = "X"
        case flowStart = "s"
        case flowEnd = "f"
        case counter = "C"
        case instant = "i"
        case begin = "b"
        case end = "e"
        case metadata = "M"
    }

    enum Argument {
        case number(UInt64)
        case text(String)
    }

    var phase: Phase
    var name: String
    /// Nanoseconds since the beginning of the trace.
    var moment: UInt64 = 0
    /// How long a slice lasts.
    var duration: UInt64?
    var process: Int
    var thread = 1
    /// What belongs together: the two ends of a flow, the beginning and the end of a task.
    var id: Int?
    var category: String?
    var arguments: [(name: String, value: Argument)] = []

    var json: String {
        var text = #"{"ph":"\#(phase.rawValue)","name":\#(Self.quoted(name)),"pid":\#(process),"#
        text += #""tid":\#(thread)"#
        if phase != .metadata { text += #","ts":\#(Self.microseconds(moment))"# }
        if let duration { text += #","dur":\#(Self.microseconds(duration))"# }
        if let category { text += #","cat":\#(Self.quoted(category))"# }
        switch phase {
        // Within the process; a plain id would belong to none.
        case .begin, .end: if let id { text += #","id2":{"local":"\#(id)"}"# }
        default: if let id { text += #","id":\#(id)"# }
        }
        switch phase {
        // The arrow ends at the slice around this moment, and not at the next one.
        case .flowEnd: text += #","bp":"e""#
        // Of the whole process.
        case .instant: text += #","s":"p""#
        default: break
        }
        if !arguments.isEmpty {
            let members = arguments.map { "\(Self.quoted($0.name)):\(Self.json($0.value))" }
            text += #","args":{\#(members.joined(separator: ","))}"#
        }
        return text + "}"
    }

    private static func json(_ argument: Argument) -> String {
        switch argument {
        // Readers turn larger ones negative.
        case .number(let number): number < 1 << 63 ? "\(number)" : quoted("\(number)")
        case .text(let text): quoted(text)
        }
    }

    private static func microseconds(_ nanoseconds: UInt64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        return "\(whole).\(rest < 100 ? "0" : "")\(rest < 10 ? "0" : "")\(rest)"
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"", "\\": quoted += "\\\(character)"
            case "\u{0}"..<" ":
                let digits = String(character.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "\""
    }
}
