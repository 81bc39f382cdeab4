import Files
import FlyingFox
import FlyingSocks
import Glibc
import Platform
import Synchronization

/// The server of the page: it listens on 127.0.0.1 alone, and ends with `stop`.
///
/// The server library is asynchronous, the loop that follows a record is not; a counter that a poll
/// can wait for connects the two. A class, since the server's task refers to it.
package final class LiveServer: Sendable {
    /// The longest time that one answer may take to begin: a whole page with all its plots.
    private static let answerSeconds = 300.0
    /// The time in which connections can end.
    private static let stopSeconds = 1.0
    /// How many looks pass between two signs of life to browsers.
    private static let looksBetweenTouches = 15

    private enum Condition: Sendable {
        case starting
        case listening(port: UInt16)
        case failed(code: Int32?, reason: String)
        case stopped
    }

    private let source: LiveSource
    private let server: HTTPServer
    /// Signalled whenever the condition changes.
    private let bell: Int32
    private let condition = Mutex(Condition.starting)
    private let port: UInt16

    /// Starts to listen; `port` 0 is any free one.
    package init(_ source: LiveSource, port: UInt16, interruption: Int32?) throws {
        self.source = source
        self.port = port
        bell = try System.eventDescriptor()
        server = HTTPServer(
            address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port),
            timeout: Self.answerSeconds,
            logger: DisabledLogger.disabled,
            handler: LiveHandler(
                source: source,
                page: LivePage(),
                drawer: WholePageDrawer(interruption: interruption)
            )
        )
        Task { await run() }
        Task { await awaitListening() }
        System.wait(eventDescriptor: bell)
        try check()
    }

    deinit { System.close(bell) }

    /// Where the page is.
    package var address: String {
        condition.withLock { condition in
            guard case .listening(let port) = condition else { return "" }
            return "http://127.0.0.1:\(port)/"
        }
    }

    /// Follows and serves until `interruption` is readable; then ends all connections.
    package func serve(until interruption: Int32) throws {
        var looks = 0
        while true {
            let ready = try System.readable(
                [interruption, bell],
                withinMilliseconds: ReadingPolicy.lookMilliseconds
            )
            if ready[0] { break }
            try check()
            source.look()
            looks += 1
            if looks % Self.looksBetweenTouches == 0 { source.announcements.touch() }
        }
        try stop()
    }

    package func stop() throws {
        source.announcements.end()
        System.drain(eventDescriptor: bell)
        Task { await server.stop(timeout: Self.stopSeconds) }
        // A server that does not end in time ends with the program.
        _ = try System.readable([bell], withinMilliseconds: Int32(Self.stopSeconds * 3000))
    }

    private func run() async {
        do {
            try await server.run()
            change(to: .stopped)
        } catch SocketError.failed(_, let code, let message) {
            change(to: .failed(code: code, reason: message))
        } catch {
            change(to: .failed(code: nil, reason: "\(error)"))
        }
    }

    private func awaitListening() async {
        // A server that does not listen fails, and says why there.
        guard (try? await server.waitUntilListening()) != nil,
            case .ip4(_, let port) = await server.listeningAddress
        else { return }
        change(to: .listening(port: port))
    }

    private func change(to next: Condition) {
        condition.withLock { $0 = next }
        System.signal(eventDescriptor: bell)
    }

    private func check() throws(ExperimentError) {
        guard case .failed(let code, let reason) = condition.withLock({ $0 }) else { return }
        let (problem, remedy) =
            switch code {
            case EADDRINUSE:
                ("is in use", "give another one, or --port 0 for any that is free")
            case EACCES: ("may not be used (\(reason))", "give one from 1024 on")
            default: ("cannot be listened on (\(reason))", "give another one")
            }
        throw ExperimentError(
            .environment,
            "--port \(port)",
            problem,
            expected: "a free port of 127.0.0.1",
            remedy: remedy
        )
    }
}
