import ArgumentParser
import Files
import Glibc
import Live
import Platform
import Tables
import Work

/// The command line: parse, follow, serve.
///
/// A program of its own, so that its server is not linked into workers.
@main
struct HeadwiseLive: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headwise-live",
        abstract: "Show a run in the browser while it is measured.",
        discussion: """
            Serves one page on 127.0.0.1 that follows the record of 'headwise run', 'scale', \
            'kernel' or 'compare': trials, speedups, workers and faults as they are measured, and \
            last the verdict. It runs only while no other program wants the processor. A browser \
            does not: on the machine that measures it takes time from the workers. So look from \
            another one: run the third line there, and open localhost:8731.
              headwise-live &
              headwise scale
              ssh -L 8731:127.0.0.1:8731 HOST

            Exit codes: 0 ended by a signal, 40 a missing folder, a port in use or no /proc, 64 a wrong \
            flag or a file that is no record.
            """,
        version: "headwise-live 0.1.0"
    )

    @Argument(
        help: ArgumentHelp(
            """
            A record, which may not be there yet, or a folder, whose newest record is followed. \
            Default: results.
            """,
            valueName: "record or folder"
        )
    )
    var path: String?

    @Option(help: "The port to listen on; 0 is any free one.")
    var port = "8731"

    @Flag(
        help: """
            Take processor time as other programs do, to look at records while nothing is measured \
            on this machine.
            """
    )
    var usualPriority = false

    static func main() {
        Inheritance.settle()
        // A browser that closes a connection is not an error.
        signal(SIGPIPE, SIG_IGN)
        if let (number, text) = ProcessArguments.firstUnreadable {
            end(EndCode.usage, ProcessArguments.refusal(of: number, text))
        }
        if let obstacle = ProcessFiles.obstacle { end(EndCode.environment, obstacle) }
        do {
            let command = try parse()
            // Before any thread starts.
            if !command.usualPriority { Priority.yieldToOthers() }
            try command.serve(until: try Interruption())
        } catch let error as ExperimentError {
            end(error.exitCode, "\(error)")
        } catch let error as RunError {
            end(error.exitCode, error.description)
        } catch {
            let code = exitCode(for: error).rawValue
            if code == EndCode.done {
                print(fullMessage(for: error))
                return
            }
            let words = message(for: error).split(separator: "\n").joined(separator: " ")
            end(EndCode.usage, "\(words); see 'headwise-live --help'")
        }
    }

    private func serve(until interruption: Interruption) throws {
        let port = try portNumber()
        let source = LiveSource(
            try FollowedPlace(path),
            policy: usualPriority ? .eager : ReadingPolicy()
        )
        source.look()
        if let refusal = source.refusal { throw refusal }
        let server = try LiveServer(source, port: port, interruption: interruption.descriptor)
        Self.print("headwise-live: \(server.address) shows \(visible(source.place.text))")
        try server.serve(until: interruption.descriptor)
    }

    private func portNumber() throws(ExperimentError) -> UInt16 {
        if let number = UInt16(port) { return number }
        throw ExperimentError(
            .usage,
            "--port \(port)",
            "is no port",
            expected: "a whole number from 0 to \(UInt16.max)",
            remedy: "give such a number, or leave the flag out for 8731"
        )
    }

    private static func print(_ text: String) {
        guard let reason = StandardStream.output.write(text + "\n") else { return }
        end(EndCode.environment, "standard output cannot be written (\(reason))")
    }

    private static func end(_ code: Int32, _ sentence: String) -> Never {
        StandardStream.error.write("headwise-live: \(visible(sentence))\n")
        Glibc.exit(code)
    }
}
