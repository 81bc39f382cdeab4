import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a socket or descriptor is ready for.
package struct PollEvents: OptionSet, Hashable, Sendable {
    package let rawValue: Int16
    package init(rawValue: Int16) { self.rawValue = rawValue }

    package static let readable = PollEvents(rawValue: Int16(ZMQ_POLLIN))
    package static let writable = PollEvents(rawValue: Int16(ZMQ_POLLOUT))
    /// Of a descriptor: the other end is gone, or something is wrong.
    package static let broken = PollEvents(rawValue: Int16(ZMQ_POLLERR))
    /// Of a socket: there may be a message; it must be read until none is there.
    ///
    /// Cheaper to wait for than `readable`: reading shows what is there, so nobody has to ask before.
    package static let news = PollEvents(rawValue: 1 << 8)
}

/// The one place where a thread waits, for sockets and file descriptors together.
///
/// The list is built once; waiting allocates nothing. A socket that closes while it is in the list has no more
/// events. `zmq_poll` asks the system four times for each wait, which is much of what a short message costs.
/// One question is enough where the last call has shown that nothing is there.
///
/// What loops call for each message takes no `PollEvents`: set operations of another module's type are generic
/// code, which takes longer than all else here.
@safe
package struct Poller: ~Copyable {
    /// One entry's place in the list.
    package struct Item: Hashable, Sendable {
        fileprivate let index: Int
    }

    private struct Entry {
        /// Nil for descriptors and removed entries.
        var socket: SocketHandle?
        var descriptor: Int32
        var wanted: PollEvents
        var found: PollEvents = []
    }

    private var entries: [Entry] = []
    /// What the system is asked about each entry.
    private var asked: [pollfd] = []
    private var vacancies: [Int] = []

    package init() {}

    package mutating func add(
        _ socket: borrowing Socket,
        for events: PollEvents = .readable
    ) -> Item {
        insert(
            Entry(socket: socket.handle, descriptor: socket.handle.descriptor, wanted: events)
        )
    }

    /// Adds a descriptor, which must stay open as long as it is in the list.
    package mutating func add(
        fileDescriptor: Int32,
        for events: PollEvents = .readable
    ) -> Item {
        insert(Entry(descriptor: fileDescriptor, wanted: events))
    }

    /// Waits for other events from now on; a socket of which none are awaited costs nothing.
    package mutating func change(_ item: Item, to events: PollEvents) {
        guard events != entries[item.index].wanted else { return }
        entries[item.index].wanted = events
        if events.isEmpty { entries[item.index].found = [] }
        ask(item.index)
    }

    /// Waits for messages of a socket from now on, for room to send one, for both or for neither.
    package mutating func change(_ item: Item, toNews news: Bool, room: Bool = false) {
        change(
            item,
            to: PollEvents(
                rawValue: (news ? PollEvents.news.rawValue : 0)
                    | (room ? PollEvents.writable.rawValue : 0)
            )
        )
    }

    /// Removes an entry; a later `add` may reuse its place.
    package mutating func remove(_ item: Item) {
        entries[item.index] = Entry(descriptor: -1, wanted: [])
        ask(item.index)
        vacancies.append(item.index)
    }

    /// Waits until something is ready or `timeout` is over; returns how many entries are ready.
    ///
    /// A signal ends the wait early; then no entry is ready.
    @discardableResult
    package mutating func wait(_ timeout: Duration) throws(ZeroMQError) -> Int {
        try wait(nanoseconds: timeout.wholeNanoseconds)
    }

    /// Waits until something is ready, `limit` nanoseconds are over, or the monotonic clock shows `moment`
    /// nanoseconds; returns how many entries are ready.
    ///
    /// A signal ends the wait early; then no entry is ready.
    @discardableResult
    package mutating func wait(
        nanoseconds limit: UInt64,
        orUntil moment: UInt64 = .max
    ) throws(ZeroMQError) -> Int {
        let start = limit == 0 ? 0 : Self.now
        let end = min(start + min(limit, Self.longestNanoseconds), moment)
        var left = end - min(start, end)
        for index in entries.indices {
            entries[index].found = []
            if entries[index].socket != nil { try lookFirst(index) }
        }
        while true {
            let isReady = entries.contains { !$0.found.isEmpty }
            let count = askSystem(isReady ? 0 : left)
            guard count >= 0 else {
                guard errno == EINTR else { throw ZeroMQError(operation: "poll", code: errno) }
                for index in entries.indices { entries[index].found = [] }
                return 0
            }
            var ready = 0
            for index in entries.indices {
                if count > 0, asked[index].revents != 0 { try take(index) }
                if !entries[index].found.isEmpty { ready += 1 }
            }
            guard ready == 0, count > 0, left > 0 else { return ready }
            // What woke it was no message.
            let now = Self.now
            guard now < end else { return 0 }
            left = end - now
        }
    }

    /// Whether the last wait found anything for an entry.
    package func isReady(_ item: Item) -> Bool { !entries[item.index].found.isEmpty }

    /// The events that the last wait found for an entry.
    package func events(of item: Item) -> PollEvents { entries[item.index].found }

    /// Longer than any wait, and far from overflow.
    private static let longestNanoseconds: UInt64 = 1 << 61

    private static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Asks what is ready, and waits until something is; returns -1 for a signal or an error.
    private mutating func askSystem(_ nanoseconds: UInt64) -> Int32 {
        #if os(Linux)
        var limit = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
        return unsafe headwise_poll(&asked, nfds_t(asked.count), &limit)
        #else
        let milliseconds = (nanoseconds + 999_999) / 1_000_000
        return unsafe poll(&asked, nfds_t(asked.count), Int32(clamping: milliseconds))
        #endif
    }

    /// Finds what a socket is ready for before the wait: its descriptor shows only what is new.
    private mutating func lookFirst(_ index: Int) throws(ZeroMQError) {
        guard let socket = entries[index].socket else { return }
        guard socket.isOpen else {
            entries[index] = Entry(descriptor: -1, wanted: [])
            return ask(index)
        }
        let wanted = entries[index].wanted
        guard !wanted.isEmpty, wanted.contains(.writable) || !socket.isDrained else { return }
        try look(at: socket, index)
    }

    private mutating func look(at socket: SocketHandle, _ index: Int) throws(ZeroMQError) {
        var found = try socket.events()
        if found.contains(.readable) { found.insert(.news) }
        entries[index].found = found.intersection(entries[index].wanted)
    }

    /// Takes what the system has found for an entry.
    private mutating func take(_ index: Int) throws(ZeroMQError) {
        guard let socket = entries[index].socket else {
            entries[index].found = PollEvents(system: asked[index].revents)
            return
        }
        guard entries[index].wanted != .news else {
            socket.noteCall()
            entries[index].found = .news
            return
        }
        try look(at: socket, index)
    }

    /// Prepares the question about an entry.
    ///
    /// The descriptor of a socket becomes readable when there is news, of whatever kind.
    private mutating func ask(_ index: Int) {
        let entry = entries[index]
        let isAwaited = entry.socket == nil || !entry.wanted.isEmpty
        asked[index] = pollfd(
            fd: isAwaited ? entry.descriptor : -1,
            events: entry.socket == nil ? entry.wanted.system : Int16(POLLIN),
            revents: 0
        )
    }

    private mutating func insert(_ entry: Entry) -> Item {
        let index: Int
        if let vacant = vacancies.popLast() {
            index = vacant
            entries[index] = entry
        } else {
            index = entries.count
            entries.append(entry)
            asked.append(pollfd())
        }
        ask(index)
        return Item(index: index)
    }
}

extension PollEvents {
    /// As `poll` has them.
    fileprivate var system: Int16 {
        (contains(.readable) ? Int16(POLLIN) : 0) | (contains(.writable) ? Int16(POLLOUT) : 0)
    }

    fileprivate init(system: Int16) {
        self = []
        if system & Int16(POLLIN) != 0 { insert(.readable) }
        if system & Int16(POLLOUT) != 0 { insert(.writable) }
        if system & ~(Int16(POLLIN) | Int16(POLLOUT)) != 0 { insert(.broken) }
    }
}
