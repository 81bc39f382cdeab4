import TestSupport
import Testing
import Work
import ZeroMQ

struct SocketTests {
    @Test(arguments: Transport.allCases)
    func `a router answers the peer that asked`(transport: Transport) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let router = try Socket(context, kind: .router)
        let dealer = try Socket(context, kind: .dealer)
        try dealer.connect(router.bind(transport.endpoint(in: folder)))
        #expect(try dealer.send(header: ([1, 2, 3] as [UInt8]).span) == .sent)

        var envelope = Envelope()
        try next(router, into: &envelope)
        #expect(envelope.header.copiedBytes == [1, 2, 3])
        #expect(envelope.frameCount == 1)
        #expect(envelope.payload.byteCount == 0)
        let named = envelope.sender
        let sender = try #require(named)
        #expect(sender.bytes.count == 5)

        var payload: Message? = try Message(copying: ([9] as [UInt8]).span)
        let header: [UInt8] = [4, 5]
        #expect(try router.send(to: sender, header: header.span, payload: &payload) == .sent)
        try next(dealer, into: &envelope)
        #expect(envelope.header.copiedBytes == [4, 5])
        #expect(envelope.payload.copiedBytes == [9])
        #expect(envelope.frameCount == 2)
    }

    @Test func `a peer keeps one routing id and two peers have two`() throws {
        let context = try Context()
        let router = try Socket(context, kind: .router)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let first = try Socket(context, kind: .dealer)
        let second = try Socket(context, kind: .dealer)
        try first.connect(endpoint)
        try second.connect(endpoint)
        var names: [UInt8: Set<RoutingID>] = [:]
        for _ in 0..<3 {
            #expect(try first.send(header: ([1] as [UInt8]).span) == .sent)
            #expect(try second.send(header: ([2] as [UInt8]).span) == .sent)
        }
        var envelope = Envelope()
        for _ in 0..<6 {
            try next(router, into: &envelope)
            let named = envelope.sender
            let sender = try #require(named)
            names[envelope.header.copiedBytes[0], default: []].insert(sender)
        }
        #expect(names[1]?.count == 1)
        #expect(names[2]?.count == 1)
        #expect(names[1] != names[2])
    }

    @Test func `a peer may choose its routing id`() throws {
        let context = try Context()
        let router = try Socket(context, kind: .router)
        var options = SocketOptions()
        options.routingID = RoutingID(bytes: Array("worker".utf8))
        let dealer = try Socket(context, kind: .dealer, options: options)
        try dealer.connect(router.bind("tcp://127.0.0.1:*"))
        #expect(try dealer.send(header: ([1] as [UInt8]).span) == .sent)
        var envelope = Envelope()
        try next(router, into: &envelope)
        #expect(envelope.sender == options.routingID)
        #expect(envelope.sender?.description == "776f726b6572")
    }

    @Test(arguments: [1, 2, 3, 4, 17])
    func `frames beyond the payload are counted and dropped`(frames: Int) throws {
        let context = try Context()
        let receiver = try Socket(context, kind: .pair)
        let sender = try Socket(context, kind: .pair)
        try sender.connect(receiver.bind("tcp://127.0.0.1:*"))
        for index in 0..<frames {
            try send([UInt8(index)], on: sender, more: index < frames - 1)
        }
        try send([200], on: sender)
        var envelope = Envelope()
        try next(receiver, into: &envelope)
        #expect(envelope.frameCount == frames)
        #expect(envelope.header.copiedBytes == [0])
        #expect(envelope.payload.copiedBytes == (frames > 1 ? [1] : []))
        #expect(envelope.sender == nil)
        try next(receiver, into: &envelope)
        #expect(envelope.frameCount == 1)
        #expect(envelope.header.copiedBytes == [200])
        #expect(envelope.payload.byteCount == 0)
    }

    @Test func `a router refuses a message to an unknown peer`() throws {
        let context = try Context()
        let router = try Socket(context, kind: .router)
        try router.bind("tcp://127.0.0.1:*")
        var payload: Message? = try Message(copying: ([7, 8] as [UInt8]).span)
        let stranger = RoutingID(bytes: [0, 1, 2, 3, 4])
        let header: [UInt8] = [1]
        let outcome = try router.send(to: stranger, header: header.span, payload: &payload)
        #expect(outcome == .unreachable)
        let kept = payload?.copiedBytes
        #expect(kept == [7, 8])
    }

    @Test(arguments: Transport.allCases)
    func `a router notices that a peer is gone`(transport: Transport) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let router = try Socket(context, kind: .router)
        let dealer = try Socket(context, kind: .dealer)
        try dealer.connect(router.bind(transport.endpoint(in: folder)))
        let header: [UInt8] = [1]
        #expect(try dealer.send(header: header.span) == .sent)
        var envelope = Envelope()
        try next(router, into: &envelope)
        let named = envelope.sender
        let peer = try #require(named)
        #expect(try router.send(to: peer, header: header.span) == .sent)
        _ = consume dealer
        // What is sent before the news arrives is taken and lost.
        let deadline = ContinuousClock.now + patience
        var outcome = SendOutcome.sent
        while outcome != .unreachable, ContinuousClock.now < deadline {
            outcome = try router.send(to: peer, header: header.span)
        }
        #expect(outcome == .unreachable)
    }

    @Test func `a last message with time to linger arrives`() throws {
        let context = try Context()
        let receiver = try Socket(context, kind: .dealer)
        let endpoint = try receiver.bind("tcp://127.0.0.1:*")
        do {
            let own = try Context()
            let sender = try Socket(own, kind: .dealer)
            try sender.connect(endpoint)
            #expect(try sender.send(header: ([7] as [UInt8]).span) == .sent)
            try sender.setLinger(patience)
            _ = consume sender
            _ = consume own
        }
        #expect(try next(receiver).copiedBytes == [7])
    }

    @Test func `a closed context may be ended although a poller remembers its sockets`() throws {
        let context = try Context()
        var poller = Poller()
        let socket = try Socket(context, kind: .dealer)
        let monitor = try Monitor(context, of: socket)
        _ = poller.add(socket)
        _ = poller.add(monitor.socket)
        _ = consume monitor
        _ = consume socket
        _ = consume context
        #expect(try poller.wait(.zero) == 0)
    }

    @Test func `a context serves several threads`() throws {
        let context = try Context()
        let reply = try Socket(context, kind: .pair)
        let endpoint = try reply.bind("inproc://threads")
        let result = Result()
        let thread = try Thread {
            do {
                let socket = try Socket(context, kind: .pair)
                try socket.connect(endpoint)
                try send([1], on: socket)
                result.finish(try next(socket).copiedBytes == [2] ? 1 : 2)
            } catch {
                result.finish(3)
            }
        }
        #expect(try next(reply).copiedBytes == [1])
        try send([2], on: reply)
        thread.join()
        #expect(result.value == 1)
    }

    @Test func `an empty socket gives nothing and does not wait`() throws {
        let context = try Context()
        let socket = try Socket(context, kind: .dealer)
        try socket.bind("tcp://127.0.0.1:*")
        let message = try socket.receive()
        let isEmpty = message == nil
        #expect(isEmpty)
        var envelope = Envelope()
        #expect(try !socket.receive(into: &envelope))
        #expect(envelope.frameCount == 0)
    }

    @Test(arguments: Transport.allCases)
    func `a full router refuses, gives the payload back and loses nothing`(
        transport: Transport
    ) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = 2
        options.receiveHighWaterMark = 2
        options.sendBufferBytes = 4096
        options.receiveBufferBytes = 4096
        let router = try Socket(context, kind: .router, options: options)
        let dealer = try Socket(context, kind: .dealer, options: options)
        try dealer.connect(router.bind(transport.endpoint(in: folder)))
        #expect(try dealer.send(header: ([0] as [UInt8]).span) == .sent)
        var envelope = Envelope()
        try next(router, into: &envelope)
        let named = envelope.sender
        let peer = try #require(named)

        let total = 300
        var sent = 0
        var received = 0
        var refusals = 0
        let body = [UInt8](repeating: 5, count: 32 << 10)
        var payload: Message?
        while received < total {
            while sent < total {
                if payload == nil { payload = try Message(copying: body.span) }
                let header = [UInt8(sent & 255), UInt8(sent >> 8)]
                let outcome = try router.send(to: peer, header: header.span, payload: &payload)
                guard outcome == .sent else {
                    #expect(outcome == .wouldBlock)
                    refusals += 1
                    break
                }
                let isTaken = payload == nil
                #expect(isTaken)
                sent += 1
            }
            let kept = payload?.byteCount
            if sent < total { #expect(kept == body.count) }
            try next(dealer, into: &envelope)
            #expect(envelope.header.copiedBytes == [UInt8(received & 255), UInt8(received >> 8)])
            #expect(envelope.frameCount == 2)
            #expect(envelope.payload.byteCount == body.count)
            received += 1
        }
        #expect(refusals > 0)
        #expect(sent == total)
    }

    @Test func `a dealer without a peer would block`() throws {
        let context = try Context()
        let dealer = try Socket(context, kind: .dealer)
        try dealer.bind("tcp://127.0.0.1:*")
        var payload: Message? = Message()
        let header: [UInt8] = [1]
        #expect(try dealer.send(header: header.span, payload: &payload) == .wouldBlock)
        let isKept = payload != nil
        #expect(isKept)
    }

    @Test func `sockets may outlive the name of their context`() throws {
        func make() throws -> Socket {
            let context = try Context()
            return try Socket(context, kind: .pair)
        }
        let socket = try make()
        #expect(try socket.bind("tcp://127.0.0.1:*").hasPrefix("tcp://127.0.0.1:"))
    }

    @Test func `a frame over the limit never arrives`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.maximumMessageBytes = 1000
        let receiver = try Socket(context, kind: .dealer, options: options)
        let sender = try Socket(context, kind: .dealer)
        let monitor = try Monitor(context, of: receiver)
        try sender.connect(receiver.bind("tcp://127.0.0.1:*"))
        try send([UInt8](repeating: 1, count: 1000), on: sender)
        #expect(try next(receiver).byteCount == 1000)
        try send([UInt8](repeating: 1, count: 1001), on: sender)
        _ = try events(of: monitor, until: .disconnected)
        let message = try receiver.receive()
        let isEmpty = message == nil
        #expect(isEmpty)
    }
}
