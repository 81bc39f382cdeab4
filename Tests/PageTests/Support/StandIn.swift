import Processes
import TestSupport

@testable import Page

extension TemporaryFolder {
    /// An executable called gnuplot that does what `body`, a shell script, says.
    func standIn(_ body: String) throws {
        try writeProgram("gnuplot", body, shell: "/bin/bash")
    }
}

/// Whether the real one is here; scripts/test installs it.
let hasGnuplot = PipedProcess.find("gnuplot", path: PipedProcess.environmentPath) != nil

/// A gnuplot that is nowhere.
let noGnuplot = Gnuplot(path: "/nowhere")
