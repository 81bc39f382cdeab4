/// Maps the elements of a tensor from the order in which a file has them to that in memory.
///
/// A file may have heads behind rows, or its first axis running fastest (Fortran order), or both.
struct ElementOrder: Equatable {
    /// An axis of a tensor: its size, and the distance of two elements along it.
    struct Axis: Equatable {
        var size: Int
        /// In the file.
        var stored: Int
        /// In memory.
        var placed: Int
    }

    /// The slowest in the file first, without those of one element.
    private let axes: [Axis]

    /// The order of a tensor with these axes, which are all of its axes; nil where file and memory have
    /// the same one.
    init?(_ axes: [Axis]) {
        var merged: [Axis] = []
        for axis in axes.filter({ $0.size > 1 }).sorted(by: { $0.stored > $1.stored }) {
            // Two axes that lie behind each other in both orders are one.
            if let last = merged.last, last.placed == axis.placed * axis.size {
                merged[merged.count - 1] = Axis(
                    size: last.size * axis.size,
                    stored: axis.stored,
                    placed: axis.placed
                )
            } else {
                merged.append(axis)
            }
        }
        if merged.isEmpty || merged.count == 1 && merged[0].placed == 1 { return nil }
        self.axes = merged
    }

    /// The distances of elements along each axis in C order, or in Fortran order.
    static func distances(_ shape: [Int], isFortranOrder: Bool = false) -> [Int] {
        var distances = [Int](repeating: 1, count: shape.count)
        let order = isFortranOrder ? Array(shape.indices) : shape.indices.reversed()
        for (axis, next) in zip(order, order.dropFirst()) {
            distances[next] = distances[axis] * shape[axis]
        }
        return distances
    }

    /// The place in memory of the `index`th element of the file, and how many from there on lie at equal
    /// distances.
    func place(ofElement index: Int) -> (start: Int, distance: Int, count: Int) {
        let inner = axes[axes.count - 1]
        var (rest, column) = index.quotientAndRemainder(dividingBy: inner.size)
        var start = column * inner.placed
        for axis in axes.dropLast().reversed() {
            (rest, column) = rest.quotientAndRemainder(dividingBy: axis.size)
            start += column * axis.placed
        }
        return (start, inner.placed, inner.size - index % inner.size)
    }
}

extension StoredTensor {
    /// The order that puts a tensor in Fortran order into C order; nil for one that is.
    var order: ElementOrder? {
        guard isFortranOrder else { return nil }
        return order(placed: ElementOrder.distances(shape))
    }

    /// The order that puts two elements along an axis at the distances `placed`.
    ///
    /// With `lastHeads`, the last axis is two: heads, and columns of a head.
    func order(placed: [Int], lastHeads: Int? = nil) -> ElementOrder? {
        let stored = ElementOrder.distances(shape, isFortranOrder: isFortranOrder)
        var axes = zip(shape, stored).map { (size: $0, stored: $1) }
        if let lastHeads, let last = axes.popLast() {
            let columns = last.size / lastHeads
            axes += [(lastHeads, last.stored * columns), (columns, last.stored)]
        }
        return ElementOrder(
            zip(axes, placed).map {
                ElementOrder.Axis(size: $0.size, stored: $0.stored, placed: $1)
            }
        )
    }
}
