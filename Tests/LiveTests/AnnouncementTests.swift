import Testing

@testable import Live

/// What browsers are told, and who may ask.
struct AnnouncementTests {
    private static func text(_ announcements: Announcements, after version: Int = 0) -> String {
        String(decoding: announcements.news(after: version).bytes, as: UTF8.self)
    }

    @Test func `a state is announced once`() {
        let announcements = Announcements()
        announcements.announce(Array("1".utf8), as: .record)
        let first = announcements.news(after: 0)
        #expect(String(decoding: first.bytes, as: UTF8.self) == "event: record\ndata: 1\n\n")
        announcements.announce(Array("1".utf8), as: .record)
        #expect(announcements.news(after: first.version).bytes.isEmpty)
        announcements.announce(Array("2".utf8), as: .record)
        announcements.announce(Array("[]".utf8), as: .records)
        #expect(
            Self.text(announcements, after: first.version)
                == "event: record\ndata: 2\n\nevent: records\ndata: []\n\n"
        )
    }

    @Test func `a slow browser misses states, but never the newest`() async throws {
        let announcements = Announcements()
        let events = try #require(EventSequence(announcements))
        var iterator = events.makeAsyncIterator()
        let greeting = try #require(await iterator.nextBuffer(suggested: 1))
        #expect(String(decoding: greeting, as: UTF8.self) == "retry: 1000\n\n")
        for number in 1...9 { announcements.announce(Array("\(number)".utf8), as: .record) }
        let news = try #require(await iterator.nextBuffer(suggested: 1))
        #expect(String(decoding: news, as: UTF8.self) == "event: record\ndata: 9\n\n")
        announcements.touch()
        let sign = try #require(await iterator.nextBuffer(suggested: 1))
        #expect(String(decoding: sign, as: UTF8.self) == ":\n\n")
        announcements.end()
        #expect(await iterator.nextBuffer(suggested: 1) == nil)
    }

    @Test func `the number of browsers is limited, and one that leaves makes room`() {
        let announcements = Announcements()
        var listeners = (0..<Announcements.mostListeners).compactMap { _ in
            EventSequence(announcements)
        }
        #expect(announcements.listenerCount == Announcements.mostListeners)
        #expect(EventSequence(announcements) == nil)
        listeners.removeLast()
        #expect(EventSequence(announcements) != nil)
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8731", "localhost", "LOCALHOST:1", "[::1]", "[::1]:8731",
    ])
    func `names of loopback are answered`(_ host: String) {
        #expect(LoopbackName.isMeant(by: host))
    }

    @Test(arguments: [
        nil, "", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8731",
        "evil.example:127.0.0.1", "127.0.0.1:80:80", "127.0.0.1:x", "[::1", "[::1]x", "::1",
        "127.0.0.1 evil.example", "10.0.0.1:8731", "0.0.0.0",
    ])
    func `other names are not`(_ host: String?) {
        #expect(!LoopbackName.isMeant(by: host))
    }
}
