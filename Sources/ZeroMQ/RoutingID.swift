/// The name by which a ROUTER socket knows one connection: 1 to 255 bytes, five unless the peer
/// chose its own.
///
/// A peer that reconnects gets a new name.
package struct RoutingID: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        precondition((1...255).contains(bytes.count), "a routing id must have 1 to 255 bytes")
        self.bytes = bytes
    }

    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
