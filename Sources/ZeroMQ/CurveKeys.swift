import CZeroMQ

/// A public key of CURVE: it says who a peer is, and everybody may know it.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// 32 of them.
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Z85.keyBytes else { return nil }
        self.bytes = bytes
    }

    /// Reads 40 characters of Z85 (RFC 32); nil if they are no key.
    package init?(z85 text: String) {
        guard let bytes = Z85.key(text) else { return nil }
        self.bytes = bytes
    }

    /// The key as 40 characters of Z85.
    package var z85: String { Z85.text(bytes) }

    /// The first 8 bytes in hexadecimal digits, by which people tell keys apart.
    package var fingerprint: String {
        bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    package var description: String { fingerprint }
}

/// The secret key of a pair, with which a peer proves that the public one is its own.
///
/// Its description does not contain it, so that no log reveals it.
package struct SecretKey: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    /// Reads 40 characters of Z85 (RFC 32); nil if they are no key.
    package init?(z85 text: String) {
        guard let bytes = Z85.key(text) else { return nil }
        self.bytes = bytes
    }

    /// The key as 40 characters of Z85, for its file alone.
    package var z85: String { Z85.text(bytes) }

    package var description: String { "(secret key)" }
}

/// A public key and the secret one that belongs to it.
package struct KeyPair: Hashable, Sendable {
    package let publicKey: PublicKey
    package let secretKey: SecretKey

    /// A new pair, from the system's random source.
    package static func random() throws(ZeroMQError) -> KeyPair {
        var (known, secret) = (Z85.room, Z85.room)
        guard unsafe zmq_curve_keypair(&known, &secret) == 0 else {
            throw ZeroMQError.last("make a pair of keys")
        }
        return KeyPair(known, secret)
    }

    /// The pair of a secret key.
    package init(of secretKey: SecretKey) throws(ZeroMQError) {
        var known = Z85.room
        guard unsafe zmq_curve_public(&known, secretKey.z85) == 0 else {
            throw ZeroMQError.last("find the public key of a secret one")
        }
        guard let publicKey = PublicKey(z85: Z85.string(known)) else {
            preconditionFailure("libzmq writes keys in Z85")
        }
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    private init(_ known: [CChar], _ secret: [CChar]) {
        guard let publicKey = PublicKey(z85: Z85.string(known)),
            let secretKey = SecretKey(z85: Z85.string(secret))
        else { preconditionFailure("libzmq writes keys in Z85") }
        self.publicKey = publicKey
        self.secretKey = secretKey
    }
}

/// Keys as text (RFC 32): five characters for four bytes.
private enum Z85 {
    static let keyBytes = 32
    static let keyCharacters = 40

    /// Room for a key as text, and its end.
    static var room: [CChar] { [CChar](repeating: 0, count: keyCharacters + 1) }

    static func key(_ text: String) -> [UInt8]? {
        guard text.utf8.count == keyCharacters else { return nil }
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        guard unsafe zmq_z85_decode(&bytes, text) != nil else { return nil }
        // libzmq takes some characters that Z85 does not have.
        return self.text(bytes) == text ? bytes : nil
    }

    static func text(_ bytes: [UInt8]) -> String {
        var characters = room
        guard unsafe zmq_z85_encode(&characters, bytes, bytes.count) != nil else {
            preconditionFailure("a key has a number of bytes that four divides")
        }
        return string(characters)
    }

    static func string(_ characters: [CChar]) -> String {
        String(
            decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }
}
