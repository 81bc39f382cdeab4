import Work

/// What messages of a wire record travelled over: a transport, and whether they were encrypted.
package enum WireLink: String, Codable, Hashable, Sendable, CaseIterable {
    case ipc
    case tcp
    /// tcp between peers that show keys (CURVE), where everything is encrypted.
    case curve

    package init(_ transport: Transport) {
        switch transport {
        case .ipc: self = .ipc
        case .tcp: self = .tcp
        }
    }

    package var transport: Transport { self == .ipc ? .ipc : .tcp }

    package var usesKeys: Bool { self == .curve }
}
