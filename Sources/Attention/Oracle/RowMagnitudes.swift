/// The size of the values and scores that produce the checked rows.
///
/// Keys that no checked row attends do not count: one large hidden value would make the bound
/// so wide that it proves nothing.
struct RowMagnitudes {
    private(set) var largestValue = 0.0
    private(set) var largestScore = 0.0
    private var sumOfSquares = 0.0
    private var count = 0
    /// The possible drift of a steadily growing sum of the row's products; see `noteDrift`.
    private(set) var largestDrift = 0.0
    private var sumOfSquaredDrifts = 0.0
    private var driftCount = 0
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

    var rmsDrift: Double {
        driftCount == 0 ? 0 : (sumOfSquaredDrifts / Double(driftCount)).squareRoot()
    }

    /// Notes one row; the key/value slices of successive rows must ascend.
    mutating func note(_ row: borrowing DoubleReference, keyValueSlice: Int) {
        if keyValueSlice != self.keyValueSlice {
            for key in isAttended.indices { isAttended[key] = false }
            self.keyValueSlice = keyValueSlice
        }
        for key in row.attendedKeys where !isAttended[key] {
            isAttended[key] = true
            noteValue(row.value(keyValueSlice: keyValueSlice, key: key), row.output.count)
        }
        noteScores(row)
        noteDrift(row)
    }

    /// Notes how far f32 sums of the row may be off without being wrong.
    ///
    /// An addition is off by up to half a unit: 2⁻²⁴ of the sum so far. Where products have
    /// different signs, these errors mostly cancel. Where all products have one sign, as with equal
    /// values and equal weights, the errors have the same direction for a whole binade, and n of
    /// them drift by up to n · 2⁻²⁵ of the sum. The drift of another f32 program is then no
    /// measure: that program may be lucky. The estimate uses the number of keys that matter,
    /// (Σ weight)² / Σ weight², and the part of the sum that did not cancel. With a sink, weights add
    /// up to less than 1.
    private mutating func noteDrift(_ row: borrowing DoubleReference) {
        var (sum, squares) = (0.0, 0.0)
        for key in row.attendedKeys {
            let weight = row.weights[key]
            sum += weight
            squares += weight * weight
        }
        guard squares > 0, sum.isFinite else { return }
        let keys = sum * sum / squares
        for column in row.output.indices {
            let size = row.outputSize[column]
            guard size > 0, size.isFinite else { continue }
            let output = row.output[column].magnitude
            let drift = output * (output / size) * keys * 0x1p-25
            largestDrift = max(largestDrift, drift)
            sumOfSquaredDrifts += drift * drift
            driftCount += 1
        }
    }

    /// Notes a row whose weights are the result.
    mutating func note(weightsOf row: borrowing DoubleReference) {
        for key in row.attendedKeys where row.weights[key].isFinite {
            largestValue = max(largestValue, row.weights[key])
            sumOfSquares += row.weights[key] * row.weights[key]
            count += 1
        }
        noteScores(row)
    }

    private mutating func noteScores(_ row: borrowing DoubleReference) {
        largestScore = max(largestScore, row.weighedScores.largest)
        sumOfSquaredScores += row.weighedScores.sumOfSquares
        scoreCount += row.weighedScores.count
    }

    /// Counts the value of a key.
    private mutating func noteValue(_ value: FloatRow, _ columns: Int) {
        for column in 0..<columns {
            let number: Double = value.number(column)
            guard number.isFinite else { continue }
            largestValue = max(largestValue, number.magnitude)
            sumOfSquares += number * number
            count += 1
        }
    }
}
