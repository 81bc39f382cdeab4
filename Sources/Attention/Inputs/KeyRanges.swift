/// The keys that band, lengths and pattern show each row, as ascending ranges that do not touch.
///
/// Rows of one block share the ranges of the pattern, so asking for rows in ascending order is
/// cheap.
struct KeyRanges {
    private let problem: AttentionProblem
    /// What band and lengths show the rows of `length`.
    ///
    /// These and the four below are read once: to take them out of the problem for each row costs more
    /// than the row.
    private var bounds: KeyBounds
    private var length: Int32?
    private let keys: Range<Int>
    private let hasRanges: Bool
    /// The keys that a Longformer's row sees on either side, and its global tokens as ranges.
    private let reach: Int?
    private let globals: [Range<Int>]
    /// The rows of a block of a pattern of blocks, and whether they are counted by position.
    private let block: Int
    private let isByPosition: Bool
    /// The ranges that a pattern of blocks shows the rows of `current`, before band and lengths.
    private var shown: [Range<Int>] = []
    private var current: (head: Int, block: Int)?

    init(_ problem: AttentionProblem) {
        self.problem = problem
        bounds = KeyBounds(problem, length: nil)
        keys = 0..<problem.shape.keyLength
        hasRanges = problem.mask.pattern.hasRanges
        var (reach, globals): (Int?, [Range<Int>]) = (nil, [])
        var (block, isByPosition) = (1, false)
        switch problem.mask.pattern {
        case .none, .window: break
        case .longformer(let pattern):
            reach = pattern.window / 2
            globals = Self.joined(pattern.globals.map { $0..<$0 + 1 })
        case .bigBird(let pattern): (block, isByPosition) = (pattern.block, true)
        case .blocks(let layout): block = layout.block
        }
        (self.reach, self.globals) = (reach, globals)
        (self.block, self.isByPosition) = (block, isByPosition)
    }

    /// Calls `body` with every range of `row`.
    ///
    /// `length` is the row's valid length, or its batch element's.
    @inline(__always)
    mutating func forEach(
        slice: Int,
        row: Int,
        length: Int32?,
        _ body: (Range<Int>) -> Void
    ) {
        if length != self.length {
            bounds = KeyBounds(problem, length: length)
            self.length = length
        }
        let seen = bounds[row]
        guard !seen.isEmpty else { return }
        guard hasRanges else { return body(seen) }
        func show(_ range: Range<Int>) {
            let visible = range.clamped(to: seen)
            if !visible.isEmpty { body(visible) }
        }
        let position = bounds.position(of: row)
        if let reach {
            let window = (position - reach..<position + reach + 1).clamped(to: keys)
            if globals.contains(where: { $0.contains(position) }) { return show(keys) }
            return showWindow(window, show)
        }
        let block = (isByPosition ? position : row) / block
        let head = isByPosition ? 0 : slice % problem.shape.heads
        if current?.block != block || current?.head != head {
            current = (head, block)
            shown = shownByBlocks(head: head, block)
        }
        for range in shown { show(range) }
    }

    /// The ranges that a pattern of blocks shows the rows of a block.
    private func shownByBlocks(head: Int, _ block: Int) -> [Range<Int>] {
        switch problem.mask.pattern {
        case .none, .window, .longformer: return [keys]
        case .bigBird(let pattern):
            if block < pattern.global { return [keys] }
            return Self.ranges(of: Self.blocks(of: pattern, row: block, keys), pattern.block, keys)
        case .blocks(let layout):
            let visible = (0..<layout.keyBlocks).filter {
                layout.shows(head: head, row: block, key: $0)
            }
            return Self.ranges(of: visible, layout.block, keys)
        }
    }

    /// Shows the window of a Longformer's row and the global tokens.
    ///
    /// The tokens are ascending ranges that do not touch, so nothing is sorted, and no array is filled
    /// for each row.
    @inline(__always)
    private func showWindow(_ own: Range<Int>, _ show: (Range<Int>) -> Void) {
        // A window outside of the keys is empty, and joins nothing.
        guard !own.isEmpty else { return globals.forEach(show) }
        var window = own
        for range in globals
        where range.upperBound >= window.lowerBound && range.lowerBound <= window.upperBound {
            let end = max(window.upperBound, range.upperBound)
            window = min(window.lowerBound, range.lowerBound)..<end
        }
        for range in globals where range.upperBound < window.lowerBound { show(range) }
        show(window)
        for range in globals where range.lowerBound > window.upperBound { show(range) }
    }

    private static func blocks(of pattern: BigBirdPattern, row: Int, _ keys: Range<Int>) -> [Int] {
        let count = (keys.count + pattern.block - 1) / pattern.block
        let reach = pattern.windowReach
        let window = (row - reach..<row + reach + 1).clamped(to: 0..<count)
        return Array(0..<min(pattern.global, count)) + Array(window)
            + pattern.randomBlocks(row: row, keyLength: keys.count)
    }

    private static func ranges(of blocks: [Int], _ size: Int, _ keys: Range<Int>) -> [Range<Int>] {
        joined(blocks.map { ($0 * size..<($0 + 1) * size).clamped(to: keys) })
    }

    /// The union of ranges in any order, as ascending ranges that do not touch.
    private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = result.last, range.lowerBound <= last.upperBound {
                let end = max(last.upperBound, range.upperBound)
                result[result.count - 1] = last.lowerBound..<end
            } else {
                result.append(range)
            }
        }
        return result
    }
}

/// The ranges of some rows in the form that the kernels read.
///
/// Its memory is kept between calls. It is a class, so that a borrowed workspace can fill it.
@safe
final class KeyRangeStore {
    /// `[rows + 1]`: where the ranges of each row begin.
    private(set) var offsets: UnsafeMutablePointer<Int32>
    /// Start and end of every range.
    private(set) var ranges: UnsafeMutablePointer<Int32>
    private var capacity = 1024

    init(rowCapacity: Int) {
        unsafe offsets = .allocate(capacity: rowCapacity + 1)
        unsafe ranges = .allocate(capacity: 2 * capacity)
    }

    deinit {
        unsafe offsets.deallocate()
        unsafe ranges.deallocate()
    }

    /// Writes the ranges of `rows` of every slice, and the outer bounds of each row.
    @unsafe
    func fill(
        _ problem: AttentionProblem,
        _ lengths: UnsafePointer<Int32>?,
        slices: Range<Int>,
        rows: Range<Int>,
        starts: UnsafeMutablePointer<Int32>,
        ends: UnsafeMutablePointer<Int32>
    ) {
        var builder = KeyRanges(problem)
        var (index, count) = (0, 0)
        for slice in slices {
            for row in rows {
                let first = count
                unsafe offsets[index] = Int32(first)
                let length = unsafe problem.length(slice: slice, row: row, lengths: lengths)
                builder.forEach(slice: slice, row: row, length: length) { range in
                    if count == capacity { grow() }
                    unsafe ranges[2 * count] = Int32(range.lowerBound)
                    unsafe ranges[2 * count + 1] = Int32(range.upperBound)
                    count += 1
                }
                unsafe starts[index] = first < count ? ranges[2 * first] : 0
                unsafe ends[index] = first < count ? ranges[2 * count - 1] : 0
                index += 1
            }
        }
        unsafe offsets[index] = Int32(count)
    }

    private func grow() {
        let larger = UnsafeMutablePointer<Int32>.allocate(capacity: 4 * capacity)
        unsafe larger.update(from: ranges, count: 2 * capacity)
        unsafe ranges.deallocate()
        unsafe ranges = larger
        capacity *= 2
    }
}
