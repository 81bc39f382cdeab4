/// The words of a command line as the system handed them over.
package enum ProcessArguments {
    /// The first word that is not UTF-8, which Swift would silently turn into other letters: its number, and
    /// what it would be.
    package static var firstUnreadable: (number: Int, text: String)? {
        for number in 0..<Int(CommandLine.argc) {
            guard let word = unsafe CommandLine.unsafeArgv[number] else { continue }
            if unsafe String(validatingCString: word) == nil {
                return unsafe (number, String(cString: word))
            }
        }
        return nil
    }

    /// A file of the name that Swift makes of the word would be another one.
    package static func refusal(of number: Int, _ text: String) -> String {
        "word \(number) of the command line, \(text), is not UTF-8: expected UTF-8; rename the file or "
            + "folder, or give another path"
    }
}
