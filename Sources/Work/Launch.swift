/// What starts the workers of a run: the text of `--launch`.
package enum Launch: Hashable, Sendable {
    /// This program, as its own processes on its own machine.
    case local
    /// Nobody: the run shows the command, and somebody else runs it.
    case external
    /// Slurm's `srun`.
    case slurm
    /// Open MPI's `mpirun`.
    case mpi
    /// `ssh`, to the hosts of a file, with options of its own.
    case ssh(hosts: String, options: [String])
    /// A command that starts all workers, or one of them.
    case command(LaunchTemplate)

    /// Whether its workers are processes of this program, which share memory with it.
    package var isLocal: Bool { self == .local }

    /// Those that are a word.
    static let names = ["local", "external", "slurm", "mpi"]

    package static let known =
        "local, external, slurm, mpi, 'ssh HOSTFILE', or a command such as 'srun -n {count} {worker}'"

    /// Reads the text of `--launch`.
    package init(_ text: String) throws(LaunchFault) {
        let words = try LaunchTemplate.words(text)
        switch text {
        case "local": self = .local
        case "external": self = .external
        case "slurm": self = .slurm
        case "mpi": self = .mpi
        default:
            if words.first == [.text("ssh")], words.joined().allSatisfy(\.isText) {
                let rest = words.dropFirst().map { $0.map(\.description).joined() }
                guard let hosts = rest.first else {
                    throw LaunchFault("names no file of hosts", "write for example 'ssh hosts.txt'")
                }
                self = .ssh(hosts: hosts, options: Array(rest.dropFirst()))
            } else {
                self = .command(try LaunchTemplate(text, words))
            }
        }
    }
}

extension Launch: CustomStringConvertible {
    /// The text that a plan has.
    package var description: String {
        switch self {
        case .local: "local"
        case .external: "external"
        case .slurm: "slurm"
        case .mpi: "mpi"
        case .ssh(let hosts, let options):
            (["ssh", hosts] + options).map(LaunchTemplate.quoted).joined(separator: " ")
        case .command(let template): template.text
        }
    }
}

/// Why a text says nothing about who starts the workers.
package struct LaunchFault: Error, Equatable {
    /// The rest of a sentence that begins with the text.
    package var problem: String
    package var remedy: String

    init(_ problem: String, _ remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }
}
