/// Which names of this server a browser may use.
///
/// A page of the network can point a name of its own at 127.0.0.1 (DNS rebinding). Its requests
/// then carry that name, and are refused.
package enum LoopbackName {
    private static let names: Set<String> = ["127.0.0.1", "localhost", "[::1]"]

    /// Whether the Host header of a request names loopback.
    ///
    /// Any port will do: a tunnel has another one.
    package static func isMeant(by host: String?) -> Bool {
        guard let host else { return false }
        let name: Substring
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            name = host[...end]
        } else {
            name = host.prefix { $0 != ":" }
        }
        let rest = host.dropFirst(name.count)
        guard rest.isEmpty || rest.first == ":" && rest.dropFirst().allSatisfy(isDigit) else {
            return false
        }
        return names.contains(name.lowercased())
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isASCII && character.isNumber
    }
}
