import CZeroMQ

/// A ZeroMQ socket, owned: closed when it goes out of use.
///
/// Nothing here waits. Sending and receiving answer at once, and the waiting happens in one
/// place, the `Poller`. A socket is used from one thread at a time.
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

    /// Changes how long closing may wait for what was not yet sent: a last word needs some time,
    /// an abandoned tensor none.
    package func setLinger(_ linger: Duration) throws(ZeroMQError) {
        try handle.set("linger", ZMQ_LINGER, Int32(clamping: linger.wholeMilliseconds))
    }

    /// Listens at `endpoint` and returns the address itself, with `*` resolved.
    ///
    /// An ipc path that exists is refused as in use, and the file goes when the socket closes.
    @discardableResult
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        try handle.bind(endpoint)
        return handle.lastEndpoint
    }

    /// Connects in the background, again and again, to `endpoint`, which need not exist yet.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        try handle.connect(endpoint)
    }
}
