import CSystem
import Glibc

/// The processors that a run takes, kept from other runs as long as this value lives.
///
/// A claim is a socket with an abstract name, one for each processor. The kernel frees the name
/// when the process ends, however it ends, so nothing is left behind. Names belong to a network
/// namespace: runs in containers with networks of their own do not see each other's claims. Where the
/// system refuses such sockets, processors are taken without claims.
///
/// A claim asks others to go elsewhere; it forbids nothing. So a run that finds too few free processors
/// shares some, and says which.
///
/// A class, since its sockets must be closed exactly once.
package final class ProcessorClaims: Sendable {
    package let pinning: Pinning
    private let sockets: [Int32]

    /// What the name of a claim begins with; the processor's number follows.
    package static let prefix = "headwise-processor-"

    /// Takes `count` processors, or all that are allowed if those are fewer: first of cores that
    /// nobody uses.
    package init(
        count: Int,
        cores: [[Int]],
        allowed: [Int],
        prefix: String = ProcessorClaims.prefix
    ) {
        let wanted = min(count, allowed.count)
        var held = Set(Set(cores.joined()).union(allowed).filter { Self.isHeld(prefix, $0) })
        var taken: [Int] = []
        var sockets: [Int32] = []
        func order() -> ProcessorOrder {
            ProcessorOrder(cores: cores, allowed: allowed, held: held)
        }
        while taken.count < wanted,
            let next = order().free.first(where: { !taken.contains($0) })
        {
            switch Self.claim(prefix, next) {
            case .made(let socket):
                sockets.append(socket)
                taken.append(next)
            case .refused: taken.append(next)
            // Another run was faster.
            case .held: held.insert(next)
            }
        }
        let shared = order().processors.filter { held.contains($0) }.prefix(wanted - taken.count)
        pinning = Pinning(processors: taken + shared, shared: Array(shared))
        self.sockets = sockets
    }

    /// Takes these processors, whoever holds them.
    package init(_ processors: [Int], prefix: String = ProcessorClaims.prefix) {
        var shared: [Int] = []
        var sockets: [Int32] = []
        for processor in processors {
            switch Self.claim(prefix, processor) {
            case .made(let socket): sockets.append(socket)
            case .held: shared.append(processor)
            case .refused: break
            }
        }
        pinning = Pinning(processors: processors, shared: shared, wraps: true)
        self.sockets = sockets
    }

    /// Takes what is given, without claims of its own.
    package init(unclaimed pinning: Pinning) {
        self.pinning = pinning
        sockets = []
    }

    deinit { for socket in sockets { System.close(socket) } }
}

// MARK: Claims

extension ProcessorClaims {
    private enum Answer {
        case made(Int32)
        case held
        /// The system gives no such socket.
        case refused
    }

    private static func claim(_ prefix: String, _ processor: Int) -> Answer {
        let made = openSocket()
        guard made >= 0 else { return .refused }
        let name = "\(prefix)\(processor)"
        if unsafe withAddress(name, { unsafe bind(made, $0, $1) }) == 0 { return .made(made) }
        let isHeld = errno == EADDRINUSE
        System.close(made)
        return isHeld ? .held : .refused
    }

    /// Whether a socket has the name; a datagram socket connects without anybody accepting it.
    private static func isHeld(_ prefix: String, _ processor: Int) -> Bool {
        let made = openSocket()
        guard made >= 0 else { return false }
        defer { System.close(made) }
        return unsafe withAddress("\(prefix)\(processor)") { unsafe connect(made, $0, $1) } == 0
    }

    /// The address of an abstract name, which is no file: it begins with a zero byte, and ends where
    /// the address ends.
    private static func withAddress(
        _ name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = [0] + Array(name.utf8)
        let unused = MemoryLayout.size(ofValue: address.sun_path) - bytes.count
        precondition(unused >= 0, "a claim's name must fit into an address")
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size - unused)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, size)
            }
        }
    }

    private static func openSocket() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
}

// MARK: The sides of a comparison

extension ProcessorClaims {
    private static let variable = "HEADWISE_PROCESSORS"

    /// Gives processors to the programs that this process starts from here on: they take turns on
    /// them, and the claims are this process's.
    ///
    /// An environment variable, because an older program that is compared would refuse a flag. Call
    /// it while no other thread uses the environment, which has no lock.
    package static func give(_ processors: [Int]) {
        unsafe setenv(variable, processors.map(String.init).joined(separator: ","), 1)
    }

    /// What the process that started this one gave it; nil if nothing.
    package static var given: [Int]? {
        guard let value = unsafe getenv(variable) else { return nil }
        let processors = unsafe String(cString: value).split(separator: ",").map { Int($0) }
        guard !processors.isEmpty else { return nil }
        let known = processors.compactMap { $0 }.filter((0...Affinity.largestProcessor).contains)
        return known.count == processors.count ? known : nil
    }
}
