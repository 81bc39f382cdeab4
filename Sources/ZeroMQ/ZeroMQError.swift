import CZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An operation that ZeroMQ or the system refused, with the error number and the endpoint.
package struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, as the words that follow "cannot": "bind", "set linger".
    package let operation: String
    /// The `errno` of the failure.
    package let code: Int32
    /// The address of the operation; nil if it has none.
    package let endpoint: String?

    package init(operation: String, code: Int32, endpoint: String? = nil) {
        self.operation = operation
        self.code = code
        self.endpoint = endpoint
    }

    /// The error of the calling thread's last ZeroMQ call.
    static func last(_ operation: String, endpoint: String? = nil) -> ZeroMQError {
        ZeroMQError(operation: operation, code: zmq_errno(), endpoint: endpoint)
    }

    package var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        return "cannot \(operation)\(place): \(reason)"
    }

    private var reason: String {
        switch code {
        case EADDRINUSE where endpoint?.hasPrefix("ipc://") == true:
            "the path is in use, or an old file is there; choose another path, or remove the file"
        case EADDRINUSE:
            "the address is in use; choose another one, or stop the program that uses it"
        case EADDRNOTAVAIL: "this host has no such address; use one of its own, or 127.0.0.1"
        case EACCES: "permission denied; choose a writable folder, or a port above 1023"
        case ENODEV: "no network interface of this host has that name or address"
        case EINVAL where endpoint != nil:
            "the endpoint is malformed; write tcp://ADDRESS:PORT, ipc:///PATH or inproc://NAME"
        case EINVAL: "ZeroMQ does not accept this value here"
        case EPROTONOSUPPORT: "unknown transport; use tcp, ipc or inproc"
        case ENOCOMPATPROTO: "this kind of socket does not support this transport"
        case ENAMETOOLONG: "the socket path is too long; an ipc path holds at most 107 bytes"
        case ENOENT: "no such file, folder or bound address; create the folder, or bind first"
        case ENOTDIR: "part of the path is not a folder"
        case EROFS: "the file system is read-only; choose another folder"
        case ECONNREFUSED: "no program listens there; start the other side first"
        case EHOSTUNREACH: "the peer is not connected"
        case EMFILE: "too many open files or sockets; raise `ulimit -n`"
        case ENFILE: "the system is out of file descriptors"
        case ENOMEM: "the system is out of memory"
        case ENOSPC: "the disk is full"
        case EPERM:
            "a filter of system calls (seccomp) forbids it; allow it, or run outside the filter"
        case EAGAIN: "the call would have to wait"
        case EFSM: "the socket's state does not allow this"
        case ETERM: "the context has ended"
        case ENOTSOCK: "the socket is closed"
        case EMTHREAD: "no I/O thread is available"
        default: unsafe "\(String(cString: zmq_strerror(code))) (error \(code))"
        }
    }
}
