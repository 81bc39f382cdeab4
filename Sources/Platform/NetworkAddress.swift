import Glibc

/// An address of a host, IPv4 or IPv6, without a port.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 of them, the first first.
    package let bytes: [UInt8]

    package static let loopback = NetworkAddress(bytes: [127, 0, 0, 1])

    init(bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16, "no address has \(bytes.count) bytes")
        self.bytes = bytes
    }

    /// Reads `10.0.0.1` or `fd00::1`, also in brackets; nil if the text is no address.
    package init?(_ text: String) {
        var name = text
        if text.hasPrefix("["), text.hasSuffix("]") { name = String(text.dropFirst().dropLast()) }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, name, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    /// The address in what the system says of a socket or an interface; nil of another family.
    @unsafe
    init?(_ address: UnsafePointer<sockaddr>) {
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            bytes = unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe withUnsafeBytes(of: $0.pointee.sin_addr) { unsafe [UInt8]($0) }
            }
        case AF_INET6:
            bytes = unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                unsafe withUnsafeBytes(of: $0.pointee.sin6_addr) { unsafe [UInt8]($0) }
            }
        default: return nil
        }
    }

    package var isIPv6: Bool { bytes.count == 16 }

    /// Whether only this host reaches it.
    package var isLoopback: Bool {
        isIPv6 ? bytes == [UInt8](repeating: 0, count: 15) + [1] : bytes[0] == 127
    }

    /// Whether it stands for all addresses of a host, as 0.0.0.0 does.
    package var isEveryAddress: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Whether it means something on its own link alone, where it needs the name of an interface.
    package var isLinkLocal: Bool {
        isIPv6 ? bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 : bytes[0] == 169 && bytes[1] == 254
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv6 ? AF_INET6 : AF_INET
        guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else {
            return "(unknown address)"
        }
        return String(
            decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    /// `tcp://10.0.0.1:5555`, `tcp://[fd00::1]:5555`.
    package func endpoint(port: UInt16) -> String {
        isIPv6 ? "tcp://[\(self)]:\(port)" : "tcp://\(self):\(port)"
    }

    /// Lets `body` use it as the system wants it, with a port.
    @unsafe
    func withSocketAddress<Result>(
        port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let size: Int
            if isIPv6 {
                size = MemoryLayout<sockaddr_in6>.size
                unsafe pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    unsafe $0.pointee.sin6_family = sa_family_t(AF_INET6)
                    unsafe $0.pointee.sin6_port = port.bigEndian
                    unsafe withUnsafeMutableBytes(of: &$0.pointee.sin6_addr) {
                        unsafe $0.copyBytes(from: bytes)
                    }
                }
            } else {
                size = MemoryLayout<sockaddr_in>.size
                unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    unsafe $0.pointee.sin_family = sa_family_t(AF_INET)
                    unsafe $0.pointee.sin_port = port.bigEndian
                    unsafe withUnsafeMutableBytes(of: &$0.pointee.sin_addr) {
                        unsafe $0.copyBytes(from: bytes)
                    }
                }
            }
            return unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(size))
            }
        }
    }
}

/// One end of a connection.
package struct NetworkPeer: Hashable, Sendable {
    package let address: NetworkAddress
    package let port: UInt16

    /// What the system says of an end of a connection; nil of one that is not TCP, or is closed.
    init?(
        _ connection: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let known = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                socket -> (NetworkAddress, UInt16)? in
                guard unsafe name(connection, socket, &size) == 0,
                    let address = unsafe NetworkAddress(socket)
                else { return nil }
                // The port stands in the same place of both families.
                let port = unsafe socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    unsafe $0.pointee.sin_port
                }
                return (address, UInt16(bigEndian: port))
            }
        }
        guard let (address, port) = known else { return nil }
        self.address = address
        self.port = port
    }
}
