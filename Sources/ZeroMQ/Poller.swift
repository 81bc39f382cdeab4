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
}

/// The one place where a thread waits, for sockets and file descriptors together.
///
/// The list is built once; waiting allocates nothing for up to 16 entries. A socket that closes
/// while it is in the list has no more events.
@safe
package struct Poller: ~Copyable {
    /// One entry's place in the list.
    package struct Item: Hashable, Sendable {
        fileprivate let index: Int
    }

    @unsafe private var items: [zmq_pollitem_t]
    /// The socket of each entry; nil for descriptors and removed entries.
    private var sockets: [SocketHandle?] = []
    private var vacancies: [Int] = []

    package init() { unsafe items = [] }

    package mutating func add(
        _ socket: borrowing Socket,
        for events: PollEvents = .readable
    ) -> Item {
        insert(socket.handle, fileDescriptor: -1, events)
    }

    /// Adds a descriptor, which must stay open as long as it is in the list.
    package mutating func add(
        fileDescriptor: Int32,
        for events: PollEvents = .readable
    ) -> Item {
        insert(nil, fileDescriptor: fileDescriptor, events)
    }

    /// Waits for other events from now on; a socket of which none are awaited costs nothing.
    package mutating func change(_ item: Item, to events: PollEvents) {
        unsafe items[item.index].events = events.rawValue
        // libzmq would ask every socket of the list for its events, with a call of the system.
        guard let socket = sockets[item.index] else { return }
        unsafe items[item.index].socket = events.isEmpty ? nil : socket.pointer
        if events.isEmpty { unsafe items[item.index].revents = 0 }
    }

    /// Removes an entry; a later `add` may reuse its place.
    package mutating func remove(_ item: Item) {
        unsafe items[item.index] = zmq_pollitem_t(socket: nil, fd: -1, events: 0, revents: 0)
        sockets[item.index] = nil
        vacancies.append(item.index)
    }

    /// Waits until something is ready or `timeout` is over; returns how many entries are ready.
    ///
    /// A signal ends the wait early; then no entry is ready.
    @discardableResult
    package mutating func wait(_ timeout: Duration) throws(ZeroMQError) -> Int {
        for index in sockets.indices {
            guard let socket = sockets[index], unsafe socket.pointer == nil else { continue }
            sockets[index] = nil
            unsafe items[index] = zmq_pollitem_t(socket: nil, fd: -1, events: 0, revents: 0)
        }
        let count = unsafe zmq_poll(&items, Int32(items.count), timeout.wholeMilliseconds)
        guard count < 0 else { return Int(count) }
        let code = zmq_errno()
        for index in unsafe items.indices { unsafe items[index].revents = 0 }
        guard code == EINTR else { throw ZeroMQError(operation: "poll", code: code) }
        return 0
    }

    /// The events that the last wait found for an entry.
    package func events(of item: Item) -> PollEvents {
        unsafe PollEvents(rawValue: items[item.index].revents)
    }

    private mutating func insert(
        _ socket: SocketHandle?,
        fileDescriptor: Int32,
        _ events: PollEvents
    ) -> Item {
        let entry = unsafe zmq_pollitem_t(
            socket: socket?.pointer,
            fd: fileDescriptor,
            events: events.rawValue,
            revents: 0
        )
        if let index = vacancies.popLast() {
            unsafe items[index] = entry
            sockets[index] = socket
            return Item(index: index)
        }
        unsafe items.append(entry)
        sockets.append(socket)
        return Item(index: sockets.count - 1)
    }
}
