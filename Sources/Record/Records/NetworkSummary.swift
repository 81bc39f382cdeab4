import Files

/// Where the coordinator of a run listened over tcp, and by which keys it knew its workers.
///
/// It never contains a secret.
package struct NetworkSummary: Codable, Equatable, Sendable {
    /// An address of the coordinator's host, IPv4 or IPv6.
    package var address: String
    /// 16 hexadecimal digits of the coordinator's public key (CURVE); absent where workers showed the
    /// run's token.
    package var fingerprint: String?

    package init(address: String, fingerprint: String? = nil) {
        self.address = address
        self.fingerprint = fingerprint
    }
}

extension NetworkSummary {
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.key("address").require(
            address.count <= 45 && address.allSatisfy { $0.isHexDigit || ".:".contains($0) }
                && !address.isEmpty,
            "is “\(address)”",
            expected: "an address of a host"
        )
        guard let fingerprint else { return }
        try place.key("fingerprint").require(
            fingerprint.count == 16 && fingerprint.allSatisfy(\.isHexDigit),
            "is “\(fingerprint)”",
            expected: "16 hexadecimal digits"
        )
    }
}
