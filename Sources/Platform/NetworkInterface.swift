import Glibc

/// A network interface of this host that is up, and its addresses.
package struct NetworkInterface: Sendable {
    package let name: String
    /// Without those that mean something on their own link alone.
    package let addresses: [NetworkAddress]

    package init(name: String, addresses: [NetworkAddress]) {
        self.name = name
        self.addresses = addresses
    }

    /// All that are up, with or without an address.
    package static func all() throws(RunError) -> [NetworkInterface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { throw .system("getifaddrs", errno) }
        defer { unsafe freeifaddrs(first) }
        var names: [String] = []
        var addresses: [String: [NetworkAddress]] = [:]
        var next = unsafe first
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard unsafe entry.pointee.ifa_flags & UInt32(IFF_UP) != 0 else { continue }
            let name = unsafe String(cString: entry.pointee.ifa_name)
            if addresses[name] == nil {
                names.append(name)
                addresses[name] = []
            }
            guard let pointer = unsafe entry.pointee.ifa_addr,
                let address = unsafe NetworkAddress(pointer), !address.isLinkLocal
            else { continue }
            addresses[name]?.append(address)
        }
        return names.map { NetworkInterface(name: $0, addresses: addresses[$0] ?? []) }
    }
}
