import Work

@testable import Scheduling

/// What happens in a virtual cluster, and when.
struct VirtualEvent {
    enum Kind {
        case toWorker(process: Int, connection: Int, DownMessage)
        case toCoordinator(connection: Int, UpMessage)
        case computeDone(process: Int, TaskIdentity)
        case drained(process: Int, TaskIdentity)
        case workerTick(process: Int)
        case coordinatorTick
        case lossNoticed(connection: Int, FaultReason)
        case connect(process: Int)
        case fault(Accident)
        case proceed(process: Int)
        case coordinatorReturns(announced: Bool)
        case startTrial
    }

    enum DownMessage {
        case welcome(WorkerLimits)
        case workload([TaskGrid])
        case chunk(trial: Int, bytes: UInt64)
        case task(WorkerTask)
        case heartbeat
        case bye
    }

    enum UpMessage {
        case hello
        case ready(credit: Int)
        case heartbeat(Heartbeat)
        case outputPart
        case result(TaskIdentity, bits: Int)
        case refusal(TaskIdentity, TaskRefusal)
    }

    /// An accident of a cluster.
    enum Accident: CaseIterable {
        case crash, stop, stopForever, wedge, disconnect, coordinatorPause, lateJoiner
    }

    var time: Duration
    /// Breaks ties, so that a seed has one order of events.
    var order: Int
    var kind: Kind
}

/// A binary heap of events, the earliest first.
struct VirtualEventQueue {
    private var heap: [VirtualEvent] = []
    private var pushed = 0

    mutating func push(_ kind: VirtualEvent.Kind, at time: Duration) {
        pushed += 1
        heap.append(VirtualEvent(time: time, order: pushed, kind: kind))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> VirtualEvent? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if precedes(child, least) { least = child }
            }
            if least == parent { return first }
            heap.swapAt(least, parent)
            parent = least
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
    }
}
