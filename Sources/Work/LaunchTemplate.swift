/// A command with places for what differs between clusters, such as `srun -n {count} {worker}`.
///
/// Its words are cut as a shell cuts them, with quotes and backslashes, and there is no shell: nothing
/// else in it means anything.
package struct LaunchTemplate: Hashable, Sendable {
    /// What a place stands for.
    package enum Place: String, CaseIterable, Sendable {
        /// The whole command of a worker: several words where it stands alone.
        case worker
        /// How many workers there are to be.
        case count
        /// Compute threads of a worker.
        case threads
        case endpoint
        /// The join folder.
        case join
        /// The rank of one worker: the command is run once for each.
        case rank
    }

    package enum Piece: Hashable, Sendable, CustomStringConvertible {
        case text(String)
        case place(Place)

        var isText: Bool { if case .text = self { true } else { false } }

        package var description: String {
            switch self {
            case .text(let text): text
            case .place(let place): "{\(place.rawValue)}"
            }
        }
    }

    /// As it was written.
    package let text: String
    private let words: [[Piece]]

    init(_ text: String, _ words: [[Piece]]) throws(LaunchFault) {
        let pieces = words.joined()
        if case .place(let place) = words.first?.first, place != .worker {
            throw LaunchFault(
                "begins with {\(place.rawValue)}, which is no program",
                "begin with the program that starts workers, or with {worker}"
            )
        }
        guard pieces.contains(.place(.worker)) || pieces.contains(.place(.join)) else {
            let first = words.first?.map(\.description).joined() ?? ""
            guard !Launch.names.contains(first) else {
                throw LaunchFault(
                    "gives words to \(first), which takes none",
                    "write \(first) alone, or the whole command, such as 'srun -n {count} {worker}'"
                )
            }
            throw LaunchFault(
                "starts no worker, since it has neither {worker} nor {join}",
                "write {worker} where the worker's command belongs"
            )
        }
        self.text = text
        self.words = words
    }

    /// Whether the command starts one worker, and not all.
    package var isPerWorker: Bool { words.joined().contains(.place(.rank)) }

    /// The words of the command; `value` are those of a place.
    package func command(_ value: (Place) -> [String]) -> [String] {
        words.flatMap { word -> [String] in
            if case .place(let place) = word.first, word.count == 1 { return value(place) }
            return [
                word.map { piece in
                    switch piece {
                    case .text(let text): text
                    // Inside a word, such as that of sh -c.
                    case .place(.worker): value(.worker).map(Self.quoted).joined(separator: " ")
                    case .place(let place): value(place).joined(separator: " ")
                    }
                }.joined()
            ]
        }
    }

    /// The text as one word of a shell.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:,=+@%".utf8.contains(byte)
            }
        }
        guard !isPlain || word.isEmpty else { return word }
        let parts = word.split(separator: "'", omittingEmptySubsequences: false)
        return "'\(parts.joined(separator: "'\\''"))'"
    }
}

extension LaunchTemplate {
    /// Cuts a text into words, and words into text and places.
    static func words(_ text: String) throws(LaunchFault) -> [[Piece]] {
        var (words, reader) = ([[Piece]](), Reader(rest: text[...]))
        while let word = try reader.nextWord() { words.append(word) }
        guard !words.isEmpty else {
            throw LaunchFault("is empty", "write for example 'srun -n {count} {worker}'")
        }
        return words
    }

    private struct Reader {
        var rest: Substring
        private var word: [Piece] = []
        private var letters = ""

        init(rest: Substring) { self.rest = rest }

        mutating func nextWord() throws(LaunchFault) -> [Piece]? {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\n" }
            guard !rest.isEmpty else { return nil }
            word = []
            letters = ""
            var quote: Character?
            while let next = rest.popFirst() {
                switch (next, quote) {
                case (" ", nil), ("\t", nil), ("\n", nil):
                    endLetters()
                    return word
                case ("'", nil), ("\"", nil): quote = next
                case (_, let open?) where next == open: quote = nil
                case ("\\", nil), ("\\", "\""):
                    if let escaped = rest.popFirst() { letters.append(escaped) }
                case ("{", _) where letters.last != "$": try takePlace()
                default: letters.append(next)
                }
            }
            guard quote == nil else {
                throw LaunchFault("has a quotation mark without its end", "add the other one")
            }
            endLetters()
            return word
        }

        /// Takes `count}` after a brace; braces around anything but a name are text.
        private mutating func takePlace() throws(LaunchFault) {
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            guard !name.isEmpty, rest.dropFirst(name.count).first == "}" else {
                return letters.append("{")
            }
            guard let place = Place(rawValue: String(name)) else {
                let known = Place.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                throw LaunchFault("has the unknown place {\(name)}", "use \(known)")
            }
            rest = rest.dropFirst(name.count + 1)
            endLetters()
            word.append(.place(place))
        }

        private mutating func endLetters() {
            if !letters.isEmpty { word.append(.text(letters)) }
            letters = ""
        }
    }
}
