import Files
import Platform

/// The hosts to which `ssh` starts workers: a line each, with a count where there is to be more than one.
///
/// `node1 4`, `node1 slots=4` and `user@node1` are understood; `#` begins a comment.
struct HostFile {
    private let path: String
    private var hosts: [(name: String, count: Int)] = []

    init(_ path: String) throws(RunError) {
        self.path = path
        let text: String
        do throws(ExperimentError) {
            // Of a regular file, so that nothing waits for whoever writes to a pipe.
            let file = try OpenFile(reading: path)
            let bytes = try file.bytes(at: 0, count: min(file.byteCount, Self.mostBytes))
            text = String(decoding: bytes, as: UTF8.self)
        } catch {
            throw RunError(
                .environment,
                "the file of hosts \(path) \(error.problem): expected a line for each host, such as "
                    + "“node1 4”; check the path after ssh in --launch"
            )
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let name = words.first else { continue }
            let count = words.count == 1 ? 1 : Self.count(words[1])
            guard words.count <= 2, let count, (1...1024).contains(count), name.first != "-" else {
                throw RunError(
                    .environment,
                    "line \(index + 1) of \(path) is “\(trimmed(line))”: expected a host, and a count from "
                        + "1 to 1024 where it gets more than one worker; write for example “node1 4”"
                )
            }
            hosts.append((String(name), count))
        }
    }

    private static let mostBytes = 1 << 20

    private static func count(_ word: Substring) -> Int? {
        Int(word.hasPrefix("slots=") ? word.dropFirst("slots=".count) : word)
    }

    var places: Int { hosts.reduce(0) { $0 + $1.count } }

    /// The ranks of the workers on each host, of so many workers; hosts are filled in the order of the file.
    func ranks(of count: Int) throws(RunError) -> [(host: String, ranks: Range<Int>)] {
        var (filled, first) = ([(host: String, ranks: Range<Int>)](), 0)
        for (name, places) in hosts where first < count {
            let end = min(first + places, count)
            filled.append((name, first..<end))
            first = end
        }
        guard first == count else {
            throw RunError(
                .environment,
                "\(path) has \(first == 1 ? "a place for 1 worker" : "places for \(first) workers"), but \(count) are to start: expected as "
                    + "many; add hosts or counts, or use fewer --workers"
            )
        }
        return filled
    }
}
