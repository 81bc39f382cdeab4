import TestSupport

@testable import Platform
@testable import Report

extension TemporaryFolder {
    /// An executable called gnuplot that does what `body`, a shell script, says.
    func standIn(_ body: String) throws {
        try writeProgram("gnuplot", body, shell: "/bin/bash")
    }
}

/// Whether the real gnuplot is installed; scripts/test installs it.
let hasGnuplot = PipedProcess.find("gnuplot", path: PipedProcess.environmentPath) != nil

/// A gnuplot that does not exist.
let noGnuplot = Gnuplot(path: "/nowhere")
