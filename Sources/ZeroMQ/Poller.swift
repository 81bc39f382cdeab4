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
        entries[item.index].wanted = events
        if events.isEmpty { entries[item.index].found = [] }
        ask(item.index)
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
        let start = timeout > .zero ? ContinuousClock.now : nil
        var limit = timeout.wholeMilliseconds
        for index in entries.indices { entries[index].found = [] }
        for index in entries.indices where entries[index].socket != nil {
            try lookFirst(index)
        }
        while true {
            let isReady = entries.contains { !$0.found.isEmpty }
            let count = unsafe poll(
                &asked,
                nfds_t(asked.count),
                isReady ? 0 : Int32(clamping: limit)
            )
            guard count >= 0 else {
                guard errno == EINTR else { throw ZeroMQError(operation: "poll", code: errno) }
                for index in entries.indices { entries[index].found = [] }
                return 0
            }
            if count > 0 {
                for index in entries.indices where asked[index].revents != 0 { try take(index) }
            }
            let ready = entries.count { !$0.found.isEmpty }
            guard ready == 0, count > 0, let start else { return ready }
            // What woke it was no message.
            let left = timeout - (ContinuousClock.now - start)
            guard left > .zero else { return 0 }
            limit = left.wholeMilliseconds
        }
    }

    /// The events that the last wait found for an entry.
    package func events(of item: Item) -> PollEvents { entries[item.index].found }

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
