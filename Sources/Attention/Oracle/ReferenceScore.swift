/// The scores of the references: the formulas of `Score`, as plainly as can be written.
extension Score {
    /// The score of a query row and a key with `columns` columns, in float64.
    func reference(_ query: FloatRow, _ key: FloatRow, columns: Int) -> Double {
        switch self {
        case .scaledDot(let scale):
            var dot = 0.0
            for column in 0..<columns { dot += Double(query[column]) * Double(key[column]) }
            return Double(scale) * dot
        }
    }

    /// The same as a plain f32 program computes it.
    func plain(_ query: FloatRow, _ key: FloatRow, columns: Int) -> Float {
        switch self {
        case .scaledDot(let scale):
            var dot: Float = 0
            for column in 0..<columns { dot += query[column] * key[column] }
            return scale * dot
        }
    }
}
