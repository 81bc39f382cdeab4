/// Worker to coordinator, first of all: who I am and how much I take at once.
package struct Hello: SetupMessage {
    package static let kind = MessageKind.hello

    package var token: RunToken
    package var processIdentifier: Int32
    /// How many tasks the worker wants to hold at once: one computing, the rest waiting.
    package var credit: Int

    package init(token: RunToken, processIdentifier: Int32, credit: Int) {
        self.token = token
        self.processIdentifier = processIdentifier
        self.credit = credit
    }

    package func check() throws(WireError) {
        guard (1...1024).contains(credit) else { throw field("credit", credit) }
    }
}
