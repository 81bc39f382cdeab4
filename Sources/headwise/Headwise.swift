import ArgumentParser

@main
struct Headwise: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "headwise")
}
