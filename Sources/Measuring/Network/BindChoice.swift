import Files
import Platform

/// The address of this host that a text names: an address, an interface, or the only network.
///
/// Nothing is guessed: where several addresses would do, the error lists them.
enum BindChoice {
    /// Means the only address of this host besides loopback.
    static let network = "network"

    static func address(
        _ text: String,
        among interfaces: [NetworkInterface]
    ) throws(ExperimentError) -> NetworkAddress {
        func refusal(_ problem: String) -> ExperimentError {
            ExperimentError(
                .environment,
                "--bind \(text)",
                problem,
                expected: "one of this host's addresses (\(list(interfaces)))",
                remedy: "choose one of them"
            )
        }
        func only(
            of addresses: [NetworkAddress],
            none: String,
            several: String
        ) throws(ExperimentError) -> NetworkAddress {
            guard let first = addresses.first else { throw refusal(none) }
            guard addresses.count == 1 else { throw refusal(several) }
            return first
        }
        if interfaces.contains(where: { $0.name == text }) {
            return try only(
                of: interfaces.filter { $0.name == text }.flatMap(\.addresses),
                none: "names an interface without an address that other hosts can use",
                several: "names an interface with several addresses"
            )
        }
        if text == network {
            return try only(
                of: interfaces.flatMap(\.addresses).filter { !$0.isLoopback },
                none: "finds no network besides loopback",
                several: "finds several networks"
            )
        }
        guard let address = NetworkAddress(text) else {
            throw refusal("names no interface of this host that is up")
        }
        guard !address.isEveryAddress else {
            throw refusal("stands for all addresses, to which no worker can connect")
        }
        guard !address.isLinkLocal else { throw refusal("means something on its own link alone") }
        let isOwn = interfaces.contains { $0.addresses.contains(address) }
        // Every address that begins with 127 is this host's.
        guard isOwn || address.isLoopback && !address.isIPv6 else {
            throw refusal("is no address of this host")
        }
        return address
    }

    private static func list(_ interfaces: [NetworkInterface]) -> String {
        let parts = interfaces.filter { !$0.addresses.isEmpty }.map { interface in
            "\(interface.name) \(interface.addresses.map(\.description).joined(separator: ", "))"
        }
        return parts.isEmpty ? "it has none" : parts.joined(separator: "; ")
    }
}
