import Record
import Tables

/// A record with a section of a page.
package protocol DrawnRecord: PresentedRecord {
    func section(title: String) -> Section
    /// Whether it has times, which a poor host disturbs.
    var isTimed: Bool { get }
}

extension DrawnRecord {
    package var isTimed: Bool { true }

    /// The presentation, without pictures.
    package func section(title: String) -> Section {
        let shown = presentation
        let result = Section.Part(
            heading: "Result",
            paragraphs: shown.headlines.map { "\($0)." },
            tables: shown.tables.map(\.table),
            items: shown.notes.joined()
                + shown.failures.flatMap { failure in
                    ["\(failure.what). Repeat: \(failure.command)"] + failure.reasons
                }
        )
        return Section(self, title: title, parts: [result] + HostPart.parts(of: self))
    }
}
