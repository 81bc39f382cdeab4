/// The kind of a message: bytes 6 and 7 of its header.
package enum MessageKind: UInt16, Hashable, Sendable, CaseIterable {
    case hello = 1
    case welcome
    case refuse
    case workload
    case ready
    case failed
    case bye = 8
    case task
    case result
    case chunk
    case chunkAcknowledgement
    case output
    case heartbeat
    case trace
    case tasks
    case results
    case probe
    case echo
    case useRequest
    case use
}
