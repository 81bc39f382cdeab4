import Files
import Keys
import Platform
import Record
import TestSupport
import Testing

@testable import Measuring

struct BindChoiceTests {
    private static func address(_ text: String) -> NetworkAddress {
        guard let address = NetworkAddress(text) else { preconditionFailure("no address: \(text)") }
        return address
    }

    private static func interface(_ name: String, _ addresses: String...) -> NetworkInterface {
        NetworkInterface(name: name, addresses: addresses.map(address))
    }

    private static let loopback = interface("lo", "127.0.0.1", "::1")
    private static let first = interface("eth0", "10.0.0.5")
    private static let second = interface("ib0", "192.168.7.2", "fd00::2")
    private static let silent = interface("tun0")
    private static let many = [loopback, first, second, silent]

    @Test(arguments: [
        ("10.0.0.5", "10.0.0.5"), ("eth0", "10.0.0.5"), ("192.168.7.2", "192.168.7.2"),
        ("fd00::2", "fd00::2"), ("[fd00::2]", "fd00::2"), ("fd00:0::2", "fd00::2"),
        ("127.0.0.1", "127.0.0.1"), ("127.3.4.5", "127.3.4.5"), ("::1", "::1"),
    ])
    func `an address or an interface with one address is taken`(text: String, found: String) throws
    {
        #expect(try BindChoice.address(text, among: Self.many) == Self.address(found))
    }

    /// The list of what there is is always told.
    @Test(arguments: [
        "ib0", "tun0", "eth1", "lo", "network", "0.0.0.0", "::", "10.0.0.6", "fe80::1",
        "169.254.1.1", "example.com", "tcp://10.0.0.5:1",
    ])
    func `what names no single address is refused with the list`(text: String) {
        expectRefusal(.environment, naming: [text, "10.0.0.5", "192.168.7.2", "fd00::2", "ib0"]) {
            _ = try BindChoice.address(text, among: Self.many)
        }
    }

    @Test func `the only network is found, and of several none is guessed`() throws {
        let one = [Self.loopback, Self.silent, Self.first]
        #expect(try BindChoice.address("network", among: one) == Self.address("10.0.0.5"))
        for interfaces in [[Self.loopback], [], [Self.loopback, Self.first, Self.second]] {
            expectRefusal(.environment, naming: ["network"]) {
                _ = try BindChoice.address("network", among: interfaces)
            }
        }
        // An interface may be called so.
        let named = [Self.loopback, Self.interface("network", "10.9.0.1"), Self.first]
        #expect(try BindChoice.address("network", among: named) == Self.address("10.9.0.1"))
    }

    // MARK: What a run may use

    private func network(_ bind: String?, _ keys: String?) throws -> RunNetwork {
        try RunNetwork(bind: bind, keys: keys, workerCount: 3, interfaces: { Self.many })
    }

    @Test func `loopback needs no keys, and other addresses do`() throws {
        #expect(try network(nil, nil).summary == nil)
        #expect(try network("127.0.0.1", nil).summary == nil)
        #expect(try network("127.0.0.9", nil).summary?.address == "127.0.0.9")
        for bind in ["eth0", "10.0.0.5", "fd00::2"] {
            expectRefusal(.environment, naming: [bind, "headwise keys new", "--workers 3"]) {
                _ = try network(bind, nil)
            }
        }
    }

    @Test func `a record tells the address and the coordinator's fingerprint`() throws {
        let place = try TemporaryFolder()
        let keys = place.file("keys")
        let fingerprint = try KeyFolder.make(keys, workerCount: 3)
        let far = try network("eth0", keys)
        #expect(far.summary == NetworkSummary(address: "10.0.0.5", fingerprint: fingerprint))
        #expect(far.keys == KeyFolder(keys))
        #expect(try network(nil, keys).summary?.address == "127.0.0.1")
        expectRefusal(.environment, naming: ["worker-3.public"]) {
            _ = try RunNetwork(bind: nil, keys: keys, workerCount: 4, interfaces: { Self.many })
        }
    }
}
