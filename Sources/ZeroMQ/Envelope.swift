/// One received message, `[routing id][header][payload]`, kept by a loop to receive into again
/// and again.
package struct Envelope: ~Copyable {
    /// Who sent it; nil unless a ROUTER received it.
    package private(set) var sender: RoutingID?
    package var header = Message()
    /// Empty when the message has no second frame.
    package var payload = Message()
    /// The number of frames after the routing id; only 1 and 2 belong to our protocol.
    package internal(set) var frameCount = 0

    package init() {}

    /// Takes the routing id out of `header`, which holds it until the header itself arrives.
    mutating func readSender() {
        // So a burst of messages from one peer allocates no new array for each.
        let isSame = header.withBytes { bytes in
            guard let known = sender?.bytes, known.count == bytes.count else { return false }
            return known.indices.allSatisfy { known[$0] == bytes[$0] }
        }
        if !isSame { sender = RoutingID(bytes: header.copiedBytes) }
    }
}
