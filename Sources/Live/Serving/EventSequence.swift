import FlyingSocks

/// The body of an answer that never ends: server-sent events, as they are announced.
///
/// Source: the HTML standard, section 9.2.6.
struct EventSequence: AsyncBufferedSequence {
    typealias Element = UInt8

    private let announcements: Announcements
    private let place: Place
    private let calls: AsyncStream<Void>

    /// Nil when too many browsers look already.
    init?(_ announcements: Announcements) {
        guard let (number, calls) = announcements.listen() else { return nil }
        self.announcements = announcements
        self.calls = calls
        place = Place(announcements, number)
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(announcements: announcements, place: place, calls: calls.makeAsyncIterator())
    }

    /// A listener's place, which is free again when its connection lets go of it.
    ///
    /// A class, because only that has an end.
    fileprivate final class Place: Sendable {
        private let announcements: Announcements
        private let number: Int

        init(_ announcements: Announcements, _ number: Int) {
            self.announcements = announcements
            self.number = number
        }

        deinit { announcements.leave(number) }
    }

    struct Iterator: AsyncBufferedIteratorProtocol {
        fileprivate let announcements: Announcements
        fileprivate let place: Place
        fileprivate var calls: AsyncStream<Void>.Iterator
        private var isFirst = true
        private var seen = 0

        fileprivate init(
            announcements: Announcements,
            place: Place,
            calls: AsyncStream<Void>.Iterator
        ) {
            self.announcements = announcements
            self.place = place
            self.calls = calls
        }

        mutating func nextBuffer(suggested count: Int) async -> [UInt8]? {
            if !isFirst, await calls.next() == nil { return nil }
            let news = announcements.news(after: seen)
            seen = news.version
            if isFirst {
                isFirst = false
                // A browser that loses the server asks again after a second.
                return Array("retry: 1000\n\n".utf8) + news.bytes
            }
            // A comment, which browsers ignore.
            return news.bytes.isEmpty ? Array(":\n\n".utf8) : news.bytes
        }

        mutating func next() async -> UInt8? {
            preconditionFailure("events are taken buffer by buffer")
        }
    }
}
