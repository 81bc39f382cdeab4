/// A table of a page: the numbers behind a picture, or numbers that no picture shows.
struct DataTable: Sendable {
    struct Column: Sendable {
        var title: String
        var isNumber: Bool

        static func words(_ title: String) -> Column { Column(title: title, isNumber: false) }
        static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    }

    struct Cell: Sendable, ExpressibleByStringInterpolation {
        enum Standing: String, Sendable {
            case plain = ""
            case good, bad
        }

        var text: String
        var standing: Standing

        init(_ text: String, _ standing: Standing = .plain) {
            self.text = text
            self.standing = standing
        }

        init(stringLiteral text: String) { self.init(text) }

        /// The text of a cell whose number does not exist.
        static let absent: Cell = "–"

        static func value(_ value: Double?, _ text: (Double) -> String) -> Cell {
            value.map { Cell(text($0)) } ?? .absent
        }
    }

    enum Kind: String, Sendable {
        case numbers
        /// Names and what they are: the second column may break anywhere.
        case facts
    }

    var kind: Kind
    var columns: [Column]
    var rows: [[Cell]]

    init(_ columns: [Column], rows: [[Cell]] = [], kind: Kind = .numbers) {
        self.kind = kind
        self.columns = columns
        self.rows = rows
    }
}
