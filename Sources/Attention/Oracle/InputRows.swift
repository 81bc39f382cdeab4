/// The rows of query, key and value, with checked indexes: a safe view of an `InputView`.
///
/// It is for the references, which should above all be easy to read. The creator keeps the memory
/// alive.
@safe
struct InputRows {
    private let shape: AttentionShape
    private let inputs: InputView
    /// Queries, keys and values in float64, where they are computed numbers and not tensors.
    private let wide: WideRows?

    init(_ shape: AttentionShape, _ inputs: InputView, wide: WideRows? = nil) {
        self.shape = shape
        unsafe self.inputs = inputs
        self.wide = wide
    }

    func query(slice: Int, row: Int) -> FloatRow {
        unsafe FloatRow(
            inputs.query,
            wide: wide?.query,
            row: slice * shape.queryLength + row,
            of: shape.sliceCount * shape.queryLength,
            columns: shape.headDimension
        )
    }

    func key(keyValueSlice: Int, _ key: Int) -> FloatRow {
        unsafe FloatRow(
            inputs.key,
            wide: wide?.key,
            row: keyValueSlice * shape.keyLength + key,
            of: shape.keyValueSliceCount * shape.keyLength,
            columns: shape.keyDimension
        )
    }

    /// All numbers of a parameter of the scoring function, as one row.
    func parameter(_ tensor: TensorName, _ problem: AttentionProblem) -> FloatRow {
        guard let numbers = unsafe inputs.floats(tensor),
            let sizes = problem.parameterShape(of: tensor)
        else { preconditionFailure("the scoring function's parameters must be given") }
        return unsafe FloatRow(numbers, row: 0, of: 1, columns: sizes.reduce(1, *))
    }

    func value(keyValueSlice: Int, _ key: Int) -> FloatRow {
        unsafe FloatRow(
            inputs.value,
            wide: wide?.value,
            row: keyValueSlice * shape.keyLength + key,
            of: shape.keyValueSliceCount * shape.keyLength,
            columns: shape.valueDimension
        )
    }
}

/// Queries, keys and values in float64, each whole, as `[slice][row][column]`.
@safe
struct WideRows {
    let query: UnsafePointer<Double>
    let key: UnsafePointer<Double>
    let value: UnsafePointer<Double>
}

/// The numbers of one row of a tensor.
@safe
struct FloatRow {
    private let numbers: UnsafeBufferPointer<Float>
    /// The same row in float64, if there is one.
    private let wide: UnsafePointer<Double>?

    init(
        _ tensor: UnsafePointer<Float>,
        wide: UnsafePointer<Double>? = nil,
        row: Int,
        of rows: Int,
        columns: Int
    ) {
        precondition(row >= 0 && row < rows, "a row must be one of its tensor's")
        unsafe numbers = UnsafeBufferPointer(start: tensor + row * columns, count: columns)
        unsafe self.wide = wide.map { unsafe $0 + row * columns }
    }

    /// A number as exactly as it is known.
    func number<Number: BinaryFloatingPoint>(_ column: Int) -> Number {
        let single = self[column]
        return unsafe wide.map { unsafe Number($0[column]) } ?? Number(single)
    }

    subscript(column: Int) -> Float {
        unsafe precondition(
            column >= 0 && column < numbers.count,
            "a column must be one of its row's"
        )
        return unsafe numbers[column]
    }
}
