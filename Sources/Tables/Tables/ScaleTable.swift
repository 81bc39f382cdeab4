import Record

/// A sweep over worker counts for people: the base case first, the result last.
package enum ScaleTable {
    package static func rendered(_ record: RunRecord, style: Style = .plain) -> String {
        page(
            record,
            style,
            times: [
                TimeTable.byPoint(record.points, style: style),
                record.analysis.map { AnalysisTable.rendered($0, style: style) } ?? "",
            ]
        )
    }
}

/// One worker count for people, worker by worker.
package enum RunTable {
    package static func rendered(_ record: RunRecord, style: Style = .plain) -> String {
        page(record, style, times: record.points.map { TimeTable.byWorker($0, style: style) })
    }
}

/// The parts of a page with empty lines between them; the last part is one plain sentence.
private func page(_ record: RunRecord, _ style: Style, times: [String]) -> String {
    let columns = style.textColumns
    let headlines =
        Headlines.baseCases(of: record, columns: columns)
        + Headlines.problem(record.plan, columns: columns)
        + Headlines.cluster(of: record, columns: columns)
    let sentence = VerdictSentence.sentence(for: record)
    let parts =
        [headlines, PointTable.rendered(record.points, style: style)] + times + [
            Notes.sampling(record, columns: columns)
                + Notes.verification(record.points, columns: columns)
                + Notes.weights(record.weights, columns: columns)
                + Notes.problems(record.points, columns: columns)
                + Notes.warnings(record.warnings ?? [], columns: columns)
                + Notes.unfinished(record, columns: columns),
            style.apply(.strong, to: wrapped(sentence, columns: columns, indent: "")) + "\n",
        ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
}
