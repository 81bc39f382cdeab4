import Synchronization

/// The newest state of everything a page shows, for all browsers that look.
///
/// A browser that is slow misses states, never the newest one. A class, since the follower and all
/// connections share it.
package final class Announcements: Sendable {
    /// The most browsers that can look at once; each holds a connection.
    package static let mostListeners = 64

    /// The events that a page listens to.
    package enum Topic: String, CaseIterable, Sendable {
        /// The followed record.
        case record
        /// The list of records.
        case records
    }

    private struct State {
        /// Counts what was announced, so that a listener knows what it has seen.
        var version = 0
        var newest: [Topic: (version: Int, bytes: [UInt8])] = [:]
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextListener = 0
        var isOver = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Announces JSON without line ends, unless it is what was announced last.
    package func announce(_ json: [UInt8], as topic: Topic) {
        let bytes = Array("event: \(topic.rawValue)\ndata: ".utf8) + json + Array("\n\n".utf8)
        state.withLock { state in
            guard state.newest[topic]?.bytes != bytes else { return }
            state.version += 1
            state.newest[topic] = (state.version, bytes)
            for listener in state.listeners.values { listener.yield() }
        }
    }

    /// Makes every connection send something, so that those whose browser is gone end.
    package func touch() {
        state.withLock { state in for listener in state.listeners.values { listener.yield() } }
    }

    /// Ends all listening.
    package func end() {
        state.withLock { state in
            state.isOver = true
            for listener in state.listeners.values { listener.finish() }
            state.listeners = [:]
        }
    }

    /// A new listener; nil when there are too many.
    func listen() -> (number: Int, calls: AsyncStream<Void>)? {
        let (calls, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        return state.withLock { state in
            guard !state.isOver, state.listeners.count < Self.mostListeners else { return nil }
            let number = state.nextListener
            state.nextListener += 1
            state.listeners[number] = continuation
            return (number, calls)
        }
    }

    func leave(_ listener: Int) {
        state.withLock { state in state.listeners.removeValue(forKey: listener)?.finish() }
    }

    /// What was announced after `version`, as the bytes of events, and the version that it is.
    func news(after version: Int) -> (bytes: [UInt8], version: Int) {
        state.withLock { state in
            let fresh = Topic.allCases.compactMap { state.newest[$0] }
                .filter { $0.version > version }
            return (fresh.flatMap(\.bytes), state.version)
        }
    }

    package var listenerCount: Int { state.withLock { $0.listeners.count } }
}
