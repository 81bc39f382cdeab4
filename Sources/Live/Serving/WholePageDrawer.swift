import Files
import Report
import Synchronization

/// Draws the whole page of a record when somebody asks for it, and keeps the last one.
///
/// A class, since connections share it; one page is drawn at a time.
final class WholePageDrawer: Sendable {
    private struct Page {
        var path: String
        var stamp: FileStamp
        var text: [UInt8]
    }

    /// Readable when the program is to end; nothing is drawn from then on.
    private let interruption: Int32?
    private let last = Mutex<Page?>(nil)

    init(interruption: Int32?) {
        self.interruption = interruption
    }

    func page(of path: String, _ stamp: FileStamp) throws -> [UInt8] {
        try last.withLock { last in
            if let last, last.path == path, last.stamp == stamp { return last.text }
            let page = try ReportPage(
                [try StoredRecord.read(path)],
                gnuplot: Gnuplot(interruption: interruption)
            )
            let text = Array(page.text.utf8)
            last = Page(path: path, stamp: stamp, text: text)
            return text
        }
    }
}
