import TestSupport
import Testing
import ZeroMQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A pipe whose ends are closed afterwards.
private struct Pipe: ~Copyable {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        // Programs that other tests start must not inherit it.
        for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        (reader, writer) = (ends[0], ends[1])
    }

    func write() throws {
        let byte: UInt8 = 1
        try #require(withUnsafeBytes(of: byte) { Glibc.write(writer, $0.baseAddress, 1) } == 1)
    }

    deinit {
        close(reader)
        close(writer)
    }
}

struct PollerTests {
    @Test func `sockets and descriptors are waited for together`() throws {
        let context = try Context()
        let left = try Socket(context, kind: .pair)
        let right = try Socket(context, kind: .pair)
        try right.connect(left.bind("tcp://127.0.0.1:*"))
        let pipe = try Pipe()
        var poller = Poller()
        let socket = poller.add(left)
        let descriptor = poller.add(fileDescriptor: pipe.reader)
        #expect(try poller.wait(.zero) == 0)
        #expect(poller.events(of: socket).isEmpty)

        try pipe.write()
        #expect(try poller.wait(patience) == 1)
        #expect(poller.events(of: descriptor) == .readable)
        #expect(poller.events(of: socket).isEmpty)

        poller.change(descriptor, to: [])
        try send([1], on: right)
        #expect(try poller.wait(patience) == 1)
        #expect(poller.events(of: socket) == .readable)
    }

    @Test func `a socket of which nothing is awaited is silent until something is`() throws {
        let context = try Context()
        let left = try Socket(context, kind: .pair)
        let right = try Socket(context, kind: .pair)
        try right.connect(left.bind("tcp://127.0.0.1:*"))
        let pipe = try Pipe()
        var poller = Poller()
        let socket = poller.add(left)
        let descriptor = poller.add(fileDescriptor: pipe.reader)
        try send([1], on: right)
        #expect(try poller.wait(patience) == 1)
        poller.change(socket, to: [])
        #expect(poller.events(of: socket).isEmpty)
        try pipe.write()
        #expect(try poller.wait(patience) == 1)
        #expect(poller.events(of: socket).isEmpty)
        #expect(poller.events(of: descriptor) == .readable)
        poller.change(socket, to: .readable)
        #expect(try poller.wait(patience) == 2)
        #expect(poller.events(of: socket) == .readable)
    }

    /// libzmq shows a message only once, and any call may take that sign away.
    @Test(arguments: [PollEvents.news, .readable, [.readable, .writable]], Transport.allCases)
    func `no message is missed, whatever is done between two waits`(
        events: PollEvents,
        transport: Transport
    ) throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let socket = try Socket(context, kind: .pair)
        let endpoint = try socket.bind(transport.endpoint(in: folder))
        let result = Result()
        let thread = try Thread {
            do {
                let context = try Context()
                let echo = try Socket(context, kind: .pair)
                try echo.connect(endpoint)
                var poller = Poller()
                _ = poller.add(echo, for: events.subtracting(.writable))
                while true {
                    while let message = try echo.receive() {
                        let isLast = message.byteCount == 0
                        var answer: Message? = consume message
                        guard try echo.send(&answer) == .sent else { return result.finish(2) }
                        if isLast { return result.finish(1) }
                    }
                    guard try poller.wait(patience) > 0 else { return result.finish(3) }
                }
            } catch {
                result.finish(4)
            }
        }
        var connected = Poller()
        _ = connected.add(socket, for: .writable)
        try #require(try connected.wait(patience) == 1)
        var poller = Poller()
        let item = poller.add(socket, for: events)
        var generator = SplitMix(seed: 7)
        var waiting = 0
        let rounds = isThorough ? 100_000 : 1500
        for round in 0..<rounds {
            for _ in 0..<Int.random(in: 0...3, using: &generator) where waiting < 100 {
                try send([UInt8(truncatingIfNeeded: round)], on: socket)
                waiting += 1
            }
            if Bool.random(using: &generator) { try poller.wait(.zero) }
            // Sometimes messages are left there.
            var most = Int.random(in: 1...6, using: &generator)
            while waiting > 0, most > 0 {
                if try socket.receive() != nil {
                    waiting -= 1
                    most -= 1
                } else if Bool.random(using: &generator) {
                    break
                } else {
                    try #require(try poller.wait(patience) > 0, "round \(round)")
                    #expect(!poller.events(of: item).isEmpty)
                }
            }
        }
        try send([], on: socket)
        waiting += 1
        while waiting > 0 {
            if try socket.receive() != nil { waiting -= 1; continue }
            try #require(try poller.wait(patience) > 0, "\(waiting) messages are missing")
        }
        thread.join()
        #expect(result.value == 1)
    }

    @Test func `a removed entry is silent and its place is used again`() throws {
        let first = try Pipe()
        let second = try Pipe()
        var poller = Poller()
        let item = poller.add(fileDescriptor: first.reader)
        try first.write()
        #expect(try poller.wait(patience) == 1)
        poller.remove(item)
        #expect(try poller.wait(.zero) == 0)
        let other = poller.add(fileDescriptor: second.reader)
        #expect(other == item)
        try second.write()
        #expect(try poller.wait(patience) == 1)
        #expect(poller.events(of: other) == .readable)
    }

    @Test func `a socket that closes while it is polled has no more events`() throws {
        let context = try Context()
        var poller = Poller()
        let item = try {
            let socket = try Socket(context, kind: .pair)
            return poller.add(socket, for: [.readable, .writable])
        }()
        let pipe = try Pipe()
        let descriptor = poller.add(fileDescriptor: pipe.reader)
        try pipe.write()
        #expect(try poller.wait(patience) == 1)
        #expect(poller.events(of: item).isEmpty)
        #expect(poller.events(of: descriptor) == .readable)
    }

    @Test func `a signal ends the wait with nothing ready`() throws {
        // A handler, so that the signal interrupts and does not kill; no restart of the call.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        var former = sigaction()
        sigaction(SIGUSR1, &action, &former)
        defer { sigaction(SIGUSR1, &former, nil) }
        // A new thread from here would inherit the blocked signals of the test library's threads.
        let result = Result()
        let thread = try Thread {
            var signals = sigset_t()
            sigaddset(&signals, SIGUSR1)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            do {
                let context = try Context()
                let socket = try Socket(context, kind: .pair)
                var poller = Poller()
                let item = poller.add(socket)
                let ready = try poller.wait(.seconds(60))
                result.finish(ready == 0 && poller.events(of: item).isEmpty ? 1 : 2)
            } catch {
                result.finish(3)
            }
        }
        // A signal that comes before the wait begins is lost, so they come until it has ended.
        while result.value == 0 {
            thread.signal(SIGUSR1)
            sched_yield()
        }
        thread.join()
        #expect(result.value == 1)
    }

    @Test func `a wait lasts until its moment, and not if that is past`() throws {
        func now() -> UInt64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
        let pipe = try Pipe()
        var poller = Poller()
        let item = poller.add(fileDescriptor: pipe.reader)
        for nanoseconds: UInt64 in [1, 300_000, 2_500_000] {
            let moment = now() + nanoseconds
            #expect(try poller.wait(nanoseconds: .max, orUntil: moment) == 0)
            #expect(now() >= moment)
            let start = now()
            #expect(try poller.wait(nanoseconds: nanoseconds) == 0)
            #expect(now() >= start + nanoseconds)
        }
        // These would last for ever.
        for moment: UInt64 in [0, 1, now()] {
            #expect(try poller.wait(nanoseconds: .max, orUntil: moment) == 0)
        }
        try pipe.write()
        #expect(try poller.wait(nanoseconds: .max) == 1)
        let isReady = poller.isReady(item)
        #expect(isReady)
    }

    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.microseconds(999), 1), (.milliseconds(1), 1),
        (.microseconds(1001), 2), (.seconds(2), 2000), (.seconds(-1), 0),
        (.seconds(1 << 40), Int(Int32.max)),
    ])
    func `waits are rounded up to milliseconds`(duration: Duration, milliseconds: Int) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test(arguments: [
        (Duration.zero, UInt64(0)), (.nanoseconds(1), 1), (.microseconds(3) / 2, 1500),
        (.nanoseconds(1) / 1000, 1), (.seconds(2), 2_000_000_000), (.seconds(-1), 0),
        (.seconds(1 << 40), UInt64(Int64.max)),
    ])
    func `waits are rounded up to nanoseconds`(duration: Duration, nanoseconds: UInt64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }
}
