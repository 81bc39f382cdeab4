import Cluster
import Platform
import ZeroMQ

/// The other end of what a cluster is compared with: a process that sends back what it gets.
package enum WirePeer {
    package enum Kind: Sendable {
        /// Messages of ZeroMQ, at each socket some time after the last.
        case messages(endpoint: String, sockets: Int, waitingNanoseconds: UInt64)
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
        if case .messages(let endpoint, let sockets, let waiting) = kind {
            arguments += ["--connect", endpoint, "--sockets", "\(sockets)", "--wait", "\(waiting)"]
        }
        return try ChildProcess(
            executable: "/proc/self/exe",
            arguments: arguments,
            token: token,
            standardInput: socket
        )
    }

    /// CPU time of this process and of others so far; nil where nobody can tell.
    static func cpuNanoseconds(with processes: [ChildProcess]) -> UInt64? {
        var sum = System.cpuNanoseconds
        for process in processes {
            guard let one = System.cpuNanoseconds(ofProcess: process.processIdentifier) else {
                return nil
            }
            sum += one
        }
        return sum
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
        case .messages(let endpoint, let sockets, let waiting):
            Clock.wakeOnTime()
            let token = try WorkerOptions.token(from: lifeline).hexadecimal
            let echo = MessageEcho(lifeline: lifeline, waitingNanoseconds: waiting)
            try RunError.environment { () throws(ZeroMQError) in
                try echo.connect(endpoint, sockets: sockets, token: Array(token.utf8))
                try echo.run()
            }
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
