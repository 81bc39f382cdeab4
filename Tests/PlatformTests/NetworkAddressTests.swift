import Testing

@testable import Platform

struct NetworkAddressTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", false), ("127.0.0.1", "127.0.0.1", true),
        ("127.255.0.3", "127.255.0.3", true), ("::1", "::1", true), ("[::1]", "::1", true),
        ("FD00:0:0::1", "fd00::1", false), ("::ffff:10.0.0.1", "::ffff:10.0.0.1", false),
    ])
    func `an address is read and written`(text: String, written: String, isLoopback: Bool) throws {
        let address = try #require(NetworkAddress(text))
        #expect("\(address)" == written)
        #expect(address.isLoopback == isLoopback)
        #expect(NetworkAddress(written) == address)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.256", "eth0", "::1::", "10.0.0.1:5", "[::1", "1", " ::1",
    ])
    func `other text is no address`(text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test func `an endpoint is what ZeroMQ takes`() {
        #expect(NetworkAddress("10.0.0.1")?.endpoint(port: 7) == "tcp://10.0.0.1:7")
        #expect(NetworkAddress("fd00::1")?.endpoint(port: 65535) == "tcp://[fd00::1]:65535")
    }

    @Test func `this host has loopback`() throws {
        let interfaces = try NetworkInterface.all()
        #expect(interfaces.contains { $0.addresses.contains(.loopback) })
        #expect(Set(interfaces.map(\.name)).count == interfaces.count)
        #expect(interfaces.flatMap(\.addresses).allSatisfy { !$0.isLinkLocal })
    }
}
