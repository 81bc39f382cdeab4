import Cluster
import Platform
import ZeroMQ

/// The other end of what a cluster is compared with: a process that sends back what it gets.
package enum WirePeer {
    package enum Kind: Sendable {
        /// Messages of ZeroMQ, each some time after the last.
        case messages(endpoint: String, waitingNanoseconds: UInt64)
        /// Bytes of the socket that is standard input.
        case bytes
    }

    /// The process's lifeline, which `ChildProcess` gives it.
    private static let lifeline: Int32 = 3

    /// Starts such a process; it reads and writes `socket`, if it echoes bytes, and shows `token`, if it
    /// echoes messages.
    static func start(
        _ kind: Kind,
        token: String = "",
        socket: Int32? = nil,
        processors: [Int] = []
    ) throws(RunError) -> ChildProcess {
        var arguments = ["peer", "--parent", "\(System.processIdentifier)"]
        if !processors.isEmpty {
            arguments += ["--cpus", processors.map(String.init).joined(separator: ",")]
        }
        if case .messages(let endpoint, let waiting) = kind {
            arguments += ["--connect", endpoint, "--wait", "\(waiting)"]
        }
        return try ChildProcess(
            executable: "/proc/self/exe",
            arguments: arguments,
            token: token,
            standardInput: socket
        )
    }

    /// Sends back what comes, until the parent ends.
    package static func serve(
        _ kind: Kind,
        processors: [Int],
        parent: Int32?
    ) throws(RunError) {
        ParentProcess.follow(parent)
        Affinity.pin(to: processors)
        switch kind {
        case .bytes: try echoBytes()
        case .messages(let endpoint, let waiting):
            Clock.wakeOnTime()
            let token = try WorkerOptions.token(from: lifeline).hexadecimal
            try RunError.environment { () throws(ZeroMQError) in
                try echoMessages(endpoint, Array(token.utf8), waitingNanoseconds: waiting)
            }
        }
    }

    private static func echoMessages(
        _ endpoint: String,
        _ token: [UInt8],
        waitingNanoseconds: UInt64
    ) throws(ZeroMQError) {
        let context = try Context()
        let socket = try Socket(context, kind: .dealer, options: BareLoop.options)
        try socket.connect(endpoint)
        var poller = Poller()
        let socketItem = poller.add(socket)
        let lifelineItem = poller.add(fileDescriptor: lifeline)
        var envelope = Envelope()
        envelope.header = try Message(copying: token.span)
        try send(&envelope, through: socket, &poller)
        while true {
            try poller.wait(.seconds(60))
            if !poller.events(of: lifelineItem).isEmpty { return }
            guard !poller.events(of: socketItem).isEmpty else { continue }
            while try socket.receive(into: &envelope) {
                if waitingNanoseconds > 0 {
                    Clock.sleep(until: Clock.nanoseconds + waitingNanoseconds)
                }
                try send(&envelope, through: socket, &poller)
            }
        }
    }

    /// Sends back the frames that came.
    private static func send(
        _ envelope: inout Envelope,
        through socket: borrowing Socket,
        _ poller: inout Poller
    ) throws(ZeroMQError) {
        var frame = Message()
        swap(&frame, &envelope.payload)
        var payload: Message? = frame.byteCount > 0 ? consume frame : nil
        let header = envelope.header.copiedBytes
        while try socket.send(header: header.span, payload: &payload) != .sent {
            try poller.wait(.milliseconds(1))
        }
    }

    private static func echoBytes() throws(RunError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try System.receive(into: &buffer, atMost: buffer.count, from: 0)
            guard count > 0 else { return }
            try unsafe buffer.span.withUnsafeBytes { (bytes) throws(RunError) in
                try unsafe System.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: 0)
            }
        }
    }
}
