import Files
import TestSupport
import Testing

@testable import Record

struct NetworkSummaryTests {
    @Test(arguments: [
        NetworkSummary(address: "10.0.0.1", fingerprint: "0123456789abcdef"),
        NetworkSummary(address: "fd00::1", fingerprint: "0123456789abcdef"),
        NetworkSummary(address: "127.0.0.2"),
    ])
    func `where a coordinator listened is kept in its record`(network: NetworkSummary) throws {
        var record = try sampleRecord()
        record.network = network
        let text = try JSONText.encode(record)
        let read = try JSONText.decode(RunRecord.self, from: Array(text.utf8), source: "r.json")
        #expect(read == record)
        try record.validate(source: "r.json")
    }

    @Test(arguments: [
        (NetworkSummary(address: ""), "network.address"),
        (NetworkSummary(address: "a host"), "network.address"),
        (NetworkSummary(address: String(repeating: "1", count: 46)), "network.address"),
        (NetworkSummary(address: "10.0.0.1", fingerprint: "0123"), "network.fingerprint"),
        (
            NetworkSummary(address: "10.0.0.1", fingerprint: "0123456789abcdeg"),
            "network.fingerprint"
        ),
    ])
    func `what no coordinator has is refused`(network: NetworkSummary, place: String) throws {
        var record = try sampleRecord()
        record.network = network
        expectRefusal(.usage, naming: ["r.json", place]) { try record.validate(source: "r.json") }
    }
}
