import Files
import TestSupport
import Testing

/// Words that a user can copy into a shell.
struct ShellTextTests {
    @Test(arguments: [
        "plain", "a b", "it's", "''", "", "$HOME", "`x`", "a\nb", "ünï", "*", "-o", "x=1,y:2+3",
        "\\",
    ])
    func `a shell reads the same word`(word: String) throws {
        let folder = try TemporaryFolder()
        let shown = try Headwise.runShell("printf %s \(shellQuoted(word))", in: folder)
        #expect(shown.output == word, shown.summary)
    }
}
