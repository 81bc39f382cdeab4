import TestSupport
import Testing
import Work
import ZeroMQ

/// Reads events until one of `kind` comes; fails the test when it does not.
func events(
    of monitor: borrowing Monitor,
    until kind: MonitorEvent.Kind
) throws -> [MonitorEvent] {
    var poller = Poller()
    let item = poller.add(monitor.socket)
    var seen: [MonitorEvent] = []
    while seen.last?.kind != kind {
        try poller.wait(patience)
        try #require(poller.events(of: item).contains(.readable), "only saw \(seen)")
        while seen.last?.kind != kind, let event = try monitor.next() { seen.append(event) }
    }
    return seen
}

struct MonitorTests {
    @Test(arguments: Transport.allCases)
    func `a monitor sees a peer come and go`(transport: Transport) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let router = try Socket(context, kind: .router)
        let monitor = try Monitor(context, of: router)
        let endpoint = try router.bind(transport.endpoint(in: folder))
        _ = try events(of: monitor, until: .listening)
        do {
            let dealer = try Socket(context, kind: .dealer)
            try dealer.connect(endpoint)
            let seen = try events(of: monitor, until: .handshakeSucceeded).map(\.kind)
            #expect(seen.contains(.accepted))
            #expect(!seen.contains(.disconnected))
        }
        _ = try events(of: monitor, until: .disconnected)
    }

    @Test func `a connecting socket sees the other side end`() throws {
        let context = try Context()
        let dealer = try Socket(context, kind: .dealer)
        let monitor = try Monitor(context, of: dealer)
        do {
            let router = try Socket(context, kind: .router)
            try dealer.connect(router.bind("tcp://127.0.0.1:*"))
            let seen = try events(of: monitor, until: .handshakeSucceeded).map(\.kind)
            #expect(seen.contains(.connected))
        }
        _ = try events(of: monitor, until: .disconnected)
    }

    @Test func `a monitor may end before its socket and another may follow`() throws {
        let context = try Context()
        let router = try Socket(context, kind: .router)
        for _ in 0..<3 {
            let monitor = try Monitor(context, of: router)
            try router.bind("tcp://127.0.0.1:*")
            _ = try events(of: monitor, until: .listening)
        }
    }

    @Test func `a monitor may outlive its socket`() throws {
        let context = try Context()
        func make() throws -> Monitor {
            let socket = try Socket(context, kind: .router)
            return try Monitor(context, of: socket)
        }
        let monitor = try make()
        _ = try events(of: monitor, until: .stopped)
    }
}
