import CZeroMQ

/// A ZeroMQ socket, owned: closed when it goes out of use.
///
/// No call here waits. Sending and receiving return at once, and all waiting happens in one place,
/// the `Poller`. Use a socket from one thread at a time.
package struct Socket: ~Copyable {
    package let kind: SocketKind
    let handle: SocketHandle

    package init(
        _ context: borrowing Context,
        kind: SocketKind,
        options: SocketOptions = SocketOptions()
    ) throws(ZeroMQError) {
        let made = try SocketHandle(context.handle, kind: kind)
        try options.apply(to: made, kind: kind)
        handle = made
        self.kind = kind
    }

    deinit { handle.close() }

    /// Sets how long closing the socket may wait for unsent messages.
    ///
    /// A last message that must arrive needs some time; tensors that nobody needs any more need none.
    package func setLinger(_ linger: Duration) throws(ZeroMQError) {
        try handle.set("linger", ZMQ_LINGER, Int32(clamping: linger.wholeMilliseconds))
    }

    /// Listens at `endpoint` and returns the address itself, with `*` resolved.
    ///
    /// An existing ipc path is refused as in use. The file is removed when the socket closes.
    @discardableResult
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        try handle.bind(endpoint)
        return handle.lastEndpoint
    }

    /// Connects in the background to `endpoint`, which need not exist yet, and tries again whenever
    /// there is no connection.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        try handle.connect(endpoint)
    }
}
