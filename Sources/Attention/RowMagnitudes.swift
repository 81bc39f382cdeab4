/// The size of the values and scores that make the checked rows.
///
/// Keys that no checked row attends do not count: one large hidden value would make the bound
/// so wide that it proves nothing.
struct RowMagnitudes {
    private(set) var largestValue = 0.0
    private(set) var largestScore = 0.0
    private var sumOfSquares = 0.0
    private var count = 0
    private var sumOfSquaredScores = 0.0
    private var scoreCount = 0
    private var keyValueSlice = -1
    private var isAttended: [Bool]

    init(keyLength: Int) {
        isAttended = Array(repeating: false, count: keyLength)
    }

    var rmsValue: Double { count == 0 ? 0 : (sumOfSquares / Double(count)).squareRoot() }

    var rmsScore: Double {
        scoreCount == 0 ? 0 : (sumOfSquaredScores / Double(scoreCount)).squareRoot()
    }

    /// Notes one row; rows come with their key/value slices in ascending order.
    mutating func note(
        _ row: DoubleReference,
        keyValueSlice: Int,
        values: UnsafePointer<Float>,
        valueDimension: Int
    ) {
        if keyValueSlice != self.keyValueSlice {
            unsafe finish(values: values, valueDimension: valueDimension)
            self.keyValueSlice = keyValueSlice
        }
        for key in unsafe row.attendedKeys { isAttended[key] = true }
        unsafe largestScore = max(largestScore, row.scoreSize.largest)
        unsafe sumOfSquaredScores += row.scoreSize.sumOfSquares
        unsafe scoreCount += row.attendedKeys.count
    }

    /// Counts the values of the last slice noted.
    mutating func finish(values: UnsafePointer<Float>, valueDimension: Int) {
        let first = keyValueSlice * isAttended.count * valueDimension
        for key in isAttended.indices where isAttended[key] {
            isAttended[key] = false
            for column in 0..<valueDimension {
                let value = unsafe Double(values[first + key * valueDimension + column])
                guard value.isFinite else { continue }
                largestValue = max(largestValue, value.magnitude)
                sumOfSquares += value * value
                count += 1
            }
        }
    }
}
