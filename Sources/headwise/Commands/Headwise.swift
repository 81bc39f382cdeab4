import ArgumentParser
import Glibc
import Platform
import Work

/// The command line: parse, call, print.
///
/// The modules below do the work of the commands.
@main
struct Headwise: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headwise",
        abstract: "Benchmark attention split over worker processes, and check its numbers.",
        discussion: """
            Splits attention over worker processes on this machine and times every part of the \
            work. Checks that the output has the same bits as a single process's, and says \
            how much faster the cluster was.

            Without arguments, it sweeps worker counts from 1 to the number of cores:
              headwise
            A problem of your own, on 1 and 2 workers:
              headwise scale --batch 4 --heads 16 --length 512 --mask causal --workers 1,2
            Tensors that another program made:
              headwise run --input qkv.safetensors --output o.npy --workers 2

            Exit codes: 0 done and agreed, 10 numbers disagree, 11 mistrusted (a check proves \
            nothing), 12 invalid (a figure is impossible) or disturbed with --require-quiet, \
            20 a compared time is longer, 22 a compared time may be longer, 31 unfinished (every \
            worker was lost), 40 environment (this machine lacks something), 50 no baseline, \
            64 usage (a flag, a plan or a file is wrong), 129/130/143 interrupted by a signal.
            """,
        version: "headwise 0.1.0",
        subcommands: [
            ScaleCommand.self, RunCommand.self, VerifyCommand.self, KernelCommand.self,
            WireCommand.self, KeysCommand.self, CompareCommand.self, WeightsCommand.self,
            MaskCommand.self, ExampleCommand.self,
            ReportCommand.self, HistoryCommand.self, HostCommand.self, InstallCommand.self,
            CompletionsCommand.self, ManualCommand.self, WorkerCommand.self, BaseCommand.self,
            PeerCommand.self, TrialsCommand.self, CompareRatesCommand.self, CopiesCommand.self,
        ],
        defaultSubcommand: ScaleCommand.self
    )

    static func main() {
        Inheritance.settle()
        // A reader that closes the pipe is not an error.
        signal(SIGPIPE, SIG_IGN)
        // A file that has reached its size limit is a write error, which is reported and cleaned
        // up.
        signal(SIGXFSZ, SIG_IGN)
        if let (number, text) = ProcessArguments.firstUnreadable {
            Output.error(ProcessArguments.refusal(of: number, text))
            Glibc.exit(EndCode.usage)
        }
        if let obstacle = ProcessFiles.obstacle {
            Output.error(obstacle)
            Glibc.exit(EndCode.environment)
        }
        let words = CommandWords(CommandLine.arguments.dropFirst())
        if let (word, known) = words.unknownCommand {
            Output.error(
                "“\(word)” is no command: expected \(known.joined(separator: ", ")); "
                    + "see 'headwise --help'"
            )
            Glibc.exit(EndCode.usage)
        }
        do {
            var command = try parseAsRoot(words.parsable)
            try command.run()
        } catch {
            Glibc.exit(Output.report(error) ?? reportParsing(error, words))
        }
    }

    /// Reports what the parser refuses, or prints its help; returns the exit code.
    private static func reportParsing(_ error: any Error, _ words: CommandWords) -> Int32 {
        let code = exitCode(for: error).rawValue
        guard code != 0 else {
            // Help and version are results, not errors.
            Output.print(fullMessage(for: error))
            return EndCode.done
        }
        let sentence = sentence(of: message(for: error))
        let help = words.command.isEmpty ? "--help" : "help \(words.command)"
        Output.error("\(sentence); see 'headwise \(help)'")
        return EndCode.usage
    }

    /// The parser's message as a sentence that goes on, with what was expected said as elsewhere.
    private static func sentence(of message: String) -> String {
        var sentence = message.split(separator: "\n").joined(separator: " ")
            .replacing(". Did you mean ", with: "; perhaps you mean ")
        if let last = sentence.last, ".?".contains(last) { sentence.removeLast() }
        guard let offer = sentence.firstRange(of: ". Please provide one of ") else {
            return sentence
        }
        let values = sentence[offer.upperBound...].replacing("' and '", with: "' or '")
        return "\(sentence[..<offer.lowerBound]): expected \(values)"
    }
}
