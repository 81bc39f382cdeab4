import FoundationEssentials
import Platform
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A Chromium without a window, told what to do over two named pipes.
///
/// It speaks the DevTools protocol: one JSON object a message, ended by a zero byte. A page can
/// promise a value, so a test waits for what the page shows and never for a time.
///
/// A class, because its end must come exactly once.
final class HeadlessBrowser {
    static let path = ["chromium", "chromium-browser", "google-chrome"].lazy
        .compactMap { PipedProcess.find($0, path: PipedProcess.environmentPath) }.first

    private let program: RunningProgram
    private let commands: Int32
    private let answers: Int32
    private var received: [UInt8] = []
    private var count = 0
    private var session = ""

    init(in folder: borrowing TemporaryFolder) throws {
        let browser = try #require(Self.path)
        for name in ["commands", "answers"] {
            try #require(mkfifo(folder.file(name), 0o600) == 0)
        }
        // Open at both ends, so that nobody waits for the other to open his.
        commands = open(folder.file("commands"), O_RDWR | O_CLOEXEC)
        answers = open(folder.file("answers"), O_RDWR | O_CLOEXEC | O_NONBLOCK)
        try #require(commands >= 0 && answers >= 0)
        let flags =
            "--headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe "
            + "--user-data-dir=profile about:blank"
        program = try RunningProgram(
            "bash",
            ["-c", "exec '\(browser)' \(flags) 3<commands 4>answers"],
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        )
    }

    deinit {
        program.send(SIGKILL, toFamily: true)
        close(commands)
        close(answers)
    }

    /// Opens a page, and speaks to it from now on.
    ///
    /// It navigates when it is attached: what is asked of a page before would be lost with it.
    func visit(_ address: String) throws {
        let target = try ask("Target.createTarget", #"{"url":"about:blank"}"#)
        let identifier = try #require(target["targetId"]?.text)
        let attached = try ask(
            "Target.attachToTarget",
            #"{"targetId":"\#(identifier)","flatten":true}"#
        )
        session = try #require(attached["sessionId"]?.text)
        _ = try ask("Page.navigate", #"{"url":"\#(address)"}"#)
    }

    /// The value of an expression in the page, once the condition in JavaScript holds.
    func value(of expression: String, once condition: String) throws -> JSONValue {
        let script = """
            new Promise((done) => {
              let watcher;
              // On a busy machine the page's elements are not there yet.
              const holds = () => { try { return \(condition); } catch { return false; } };
              const look = () => {
                if (!holds()) return;
                watcher.disconnect();
                done(\(expression));
              };
              watcher = new MutationObserver(look);
              watcher.observe(document,
                { subtree: true, childList: true, attributes: true, characterData: true });
              look();
            })
            """
        let text = String(decoding: try JSONEncoder().encode(script), as: UTF8.self)
        let answer = try ask(
            "Runtime.evaluate",
            #"{"expression":\#(text),"awaitPromise":true,"returnByValue":true}"#
        )
        return try #require(answer["result.value"], "\(answer)")
    }

    /// Sends a command, and waits for its result.
    private func ask(_ method: String, _ parameters: String) throws -> JSONValue {
        count += 1
        let place = session.isEmpty ? "" : #""sessionId":"\#(session)","#
        let message =
            #"{"id":\#(count),\#(place)"method":"\#(method)","params":\#(parameters)}"#
        let bytes = Array(message.utf8) + [0]
        try #require(write(commands, bytes, bytes.count) == bytes.count)
        let limit = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < limit {
            guard let answer = try nextMessage() else {
                guard waitUntilReadable(answers) else { continue }
                var part = [UInt8](repeating: 0, count: 1 << 16)
                let read = read(answers, &part, part.count)
                if read > 0 { received += part[..<read] }
                continue
            }
            guard answer["id"]?.number == Double(count) else { continue }
            return try #require(answer["result"], "\(answer)")
        }
        throw BrowserFailure(description: "\(method) has no answer")
    }

    private func nextMessage() throws -> JSONValue? {
        guard let end = received.firstIndex(of: 0) else { return nil }
        defer { received.removeFirst(end + 1) }
        return try JSONValue(Array(received[..<end]))
    }

    private struct BrowserFailure: Error, CustomStringConvertible {
        var description: String
    }
}
