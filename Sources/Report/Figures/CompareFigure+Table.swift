import Record
import Statistics
import Tables

extension CompareFigure {
    /// The statistics of the points with their two times, the ratio and what it means.
    static func table(_ record: CompareRecord) -> DataTable {
        var table = DataTable(
            CompareTable.titles(record).enumerated().map { index, title in
                index == 1 ? .words(title) : .number(title)
            } + [.words("B is")]
        )
        for row in CompareTable.rows(record) {
            let standing: DataTable.Cell.Standing =
                switch row.verdict {
                case .slower: .bad
                case .faster: .good
                case .same, .notSlower, .ambiguous: .plain
                }
            table.rows.append(
                row.cells.map { .init($0) } + [.init(row.verdict.rawValue, standing)]
            )
        }
        return table
    }
}
