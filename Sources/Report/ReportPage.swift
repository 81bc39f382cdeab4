import FoundationEssentials
import Mustache
import Record
import Tables

/// One self-contained page about one record or several: it opens offline, on a phone too.
///
/// All text goes through the template's escaping; only pictures and rules for their looks are put
/// in as they are, and those are made here from numbers and fixed words. Control characters of a
/// record or a path are shown, never sent.
package struct ReportPage {
    /// The whole page.
    package let text: String
    /// Why pictures are missing; nil when none is.
    package let problem: String?
    /// The drawn plots with scripts and rows, for users who want to draw them again.
    package let plots: [KeptPlot]

    /// Makes the page of `records`, its pictures drawn by `gnuplot`.
    package init(
        _ records: [StoredRecord],
        _ head: PageHead = PageHead(),
        gnuplot: Gnuplot
    ) throws(PageError) {
        precondition(!records.isEmpty, "a page needs at least one record")
        var drawer = PlotDrawer(gnuplot: gnuplot)
        let sections = records.enumerated().map { index, stored in
            SectionView(
                stored.record.section(title: Self.title(stored.path)),
                stored: stored,
                identifier: records.count == 1 ? "" : "r\(index + 1)-",
                drawer: &drawer
            )
        }
        let rows = sections.map(\.summary)
        let view = PageView(
            title: head.title
                ?? (sections.count == 1
                    ? "Headwise: \(sections[0].title)" : "Headwise: \(sections.count) records"),
            style: PageStyle.rules,
            missing: drawer.gnuplot.problem.map { [$0] } ?? [],
            heads: sections.count > 1 || head != PageHead() ? [true] : [],
            notes: head.notes.map(TextView.init),
            pictures: head.pictures,
            overview: sections.count == 1
                ? []
                : [
                    TableView(
                        overview: TextTable(Section.summaryColumns, rows: rows),
                        targets: sections.map(\.identifier)
                    )
                ],
            sections: sections
        )
        do {
            let library = try PageTemplate.library()
            guard let text = library.render(view, withTemplate: "page") else {
                throw PageError.template("the template of the page is missing")
            }
            self.text = text
        } catch {
            throw PageError.template("\(error)")
        }
        problem = drawer.gnuplot.problem
        plots = drawer.kept
    }

    private static func title(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
    }
}

/// What a page begins with.
package struct PageHead: Equatable, Sendable {
    /// Nil for one that is made from the records.
    package var title: String?
    /// Sentences below the title.
    package var notes: [String]
    /// Below the sentences.
    package var pictures: [PagePicture]

    package init(title: String? = nil, notes: [String] = [], pictures: [PagePicture] = []) {
        self.title = title
        self.notes = notes
        self.pictures = pictures
    }
}

/// A page that could not be made.
package enum PageError: Error, CustomStringConvertible {
    /// The template has a fault, so this is a programming error.
    case template(String)

    package var description: String {
        switch self {
        case .template(let reason):
            "the report's template cannot be used (\(reason)): expected a valid template; report "
                + "this as a fault of headwise"
        }
    }
}
