import Files

/// A program that is compared with this one.
package enum OtherProgram {
    /// The path of an executable program, from the value of `flag`.
    package static func path(_ text: String, flag: String) throws(ExperimentError) -> String {
        // A name without a slash means a file in this folder, never a program from PATH.
        let path = text.contains("/") ? text : "./\(text)"
        _ = try OpenFile(reading: path)
        guard FileSystem.isExecutable(path) else {
            throw ExperimentError(
                .environment,
                "\(flag) \(text)",
                "cannot be started as a program",
                expected: "another build of headwise",
                remedy: "check the path, or build it with 'swift build -c release'"
            )
        }
        return path
    }
}
