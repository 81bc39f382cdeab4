import Glibc
import Synchronization
import Testing

@testable import Cluster
@testable import Platform

/// The queue between a worker's two threads.
@Suite struct HandoverTests {
    private func isSignalled(_ descriptor: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) == 1
    }

    @Test func `elements come out in order, then none`() throws {
        let handover = try Handover<Int>(capacity: 3)
        #expect(handover.take() == nil)
        for number in 1...3 { handover.put(number) }
        #expect([handover.take(), handover.take(), handover.take()] == [1, 2, 3])
        #expect(handover.take() == nil)
    }

    @Test func `the first element of an empty queue wakes a poll`() throws {
        let handover = try Handover<Int>(capacity: 3)
        #expect(!isSignalled(handover.descriptor))
        handover.put(1)
        #expect(isSignalled(handover.descriptor))
        System.drain(eventDescriptor: handover.descriptor)
        handover.put(2)
        // The reader was woken for the first and takes until there is none.
        #expect(!isSignalled(handover.descriptor))
        _ = (handover.take(), handover.take())
        handover.put(3)
        #expect(isSignalled(handover.descriptor))
    }

    @Test func `elements put silently are announced together, if they are still there`() throws {
        let handover = try Handover<Int>(capacity: 3)
        handover.putSilently(1)
        handover.putSilently(2)
        #expect(!isSignalled(handover.descriptor))
        handover.announce()
        #expect(isSignalled(handover.descriptor))
        System.drain(eventDescriptor: handover.descriptor)
        handover.announce()
        #expect(!isSignalled(handover.descriptor))
        #expect([handover.take(), handover.take()] == [1, 2])
        handover.putSilently(3)
        #expect(handover.take() == 3)
        handover.announce()
        #expect(!isSignalled(handover.descriptor))
    }

    /// One thread puts numbers whenever the other has made room, which waits in one of two ways.
    @Test(arguments: [false, true])
    func `nothing is lost between two threads`(polls: Bool) throws {
        let count = 50_000
        let capacity = 4
        let forward = try Handover<Int>(capacity: capacity)
        let back = try Handover<Bool>(capacity: capacity)
        let writer = try PlainThread {
            var room = capacity
            for number in 0..<count {
                if room == 0 {
                    _ = back.wait()
                    room += 1
                }
                while back.take() != nil { room += 1 }
                room -= 1
                forward.put(number)
            }
        }
        var expected = 0
        var isInOrder = true
        while expected < count {
            var taken: [Int] = []
            if polls {
                // As in a worker's loop: wait, drain, then take until the queue is empty.
                System.wait(eventDescriptor: forward.descriptor)
                while let number = forward.take() { taken.append(number) }
            } else {
                taken = [forward.wait()]
            }
            for number in taken {
                isInOrder = isInOrder && number == expected
                expected += 1
                back.put(true)
            }
        }
        writer.join()
        #expect(isInOrder)
        #expect(forward.take() == nil)
    }
}
