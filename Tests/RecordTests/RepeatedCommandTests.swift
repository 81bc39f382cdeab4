import Host
import Testing

@testable import Record

/// The command beside a record that makes it again.
struct RepeatedCommandTests {
    private static func command(_ words: [String]) -> String {
        HistoryRecord(
            host: .current(),
            started: "2025-11-21T01:24:00Z",
            commandLine: words,
            sources: [],
            entries: []
        ).repeatedCommand
    }

    @Test(arguments: [
        ("headwise weights --mask causal", "headwise weights --mask causal"),
        (
            "headwise weights --record x/r.json --slices 0:* --picture p.svg --scale log --quiet",
            "headwise weights --slices '0:*' --scale log"
        ),
        (
            "/opt/headwise mask --report=p.html --mask window:3 --format json --length 9",
            "headwise mask --mask window:3 --length 9"
        ),
        ("headwise example video --to there", "headwise example video"),
        // Flags that only begin alike stay.
        (
            "headwise history --last 3 --formats x --quieter",
            "headwise history --last 3 --formats x --quieter"
        ),
        ("headwise", "headwise"),
        ("headwise mask --record", "headwise mask"),
    ])
    func `what was written and how is left out`(_ words: String, _ expected: String) {
        #expect(Self.command(words.split(separator: " ").map(String.init)) == expected)
    }
}
