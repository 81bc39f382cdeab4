import Platform
import Scheduling

extension Cluster {
    /// Measures how fast links are, one after the other: they would slow each other down.
    func measureLinks() throws(RunError) {
        let largest = LinkMeasurement.largestPayload(workers: links.count)
        for link in links {
            if let fault = try link.beginProbing(socket, largestPayload: largest) {
                lose(link, fault)
            }
            var pauses = PauseWatch(.current, ready: PauseWatch.ready())
            while link.isProbed {
                try step(atMost: PauseWatch.longestWait)
                pauses.note(.current, ready: PauseWatch.ready)
            }
            link.endProbing(pauses.paused == .zero)
        }
    }
}
