import Record

/// A record as GitHub's Markdown: the tables of the screen, for an issue or a README.
package enum MarkdownTable {
    package static func rendered(_ record: RunRecord) -> String {
        let headlines =
            Headlines.baseCases(of: record) + Headlines.problem(record.plan)
            + Headlines.cluster(of: record)
        var times: [(title: String, table: TextTable)] =
            record.plan.kind == .run
            ? record.points.compactMap(TimeTable.workersTable)
            : record.points.isEmpty
                ? [] : [(TimeTable.pointsTitle, TimeTable.pointsTable(record.points))]
        if let analysis = record.analysis { times += AnalysisTable.tables(analysis) }
        let notes =
            (record.analysis.map { AnalysisTable.findings($0) } ?? "") + Notes.sampling(record)
            + Notes.verification(record.points) + Notes.weights(record.weights)
            + Notes.problems(record.points) + Notes.warnings(record.warnings ?? [])
        let sentence = VerdictSentence.sentence(for: record)
        var parts = [unfinished(record), "**\(escapedMarkdown(sentence))**\n", list(headlines)]
        if !record.points.isEmpty {
            parts.append(PointTable.table(record.points).markdown())
            parts.append(escapedMarkdown(PointTable.footnote(record.points)))
        }
        for (title, table) in times {
            parts.append(escapedMarkdown(title) + "\n")
            parts.append(table.markdown())
        }
        parts.append(list(notes))
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    package static func rendered(_ record: KernelRecord) -> String {
        let sentence = record.verdict.map { "**\(escapedMarkdown($0.sentence))**\n" }
        return [
            unfinished(record), sentence, escapedMarkdown(KernelTable.headline(record)) + "\n",
            KernelTable.table(record).markdown(),
            list(Notes.warnings(record.warnings ?? [])),
        ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The first line, because nobody reads an issue to its end.
    static func unfinished(_ record: some KeptRecord) -> String {
        record.obstacle.map { "**\(escapedMarkdown(Notes.unfinished($0)))**\n" } ?? ""
    }

    /// Lines as a list; one that was wrapped for a screen goes on with two blanks.
    private static func list(_ lines: String) -> String {
        var items: [String] = []
        for line in lines.split(separator: "\n") {
            if line.hasPrefix("  "), let last = items.popLast() {
                items.append(last + " " + line.drop { $0 == " " })
            } else {
                items.append(String(line))
            }
        }
        return items.map { "- \(escapedMarkdown($0))\n" }.joined()
    }
}
