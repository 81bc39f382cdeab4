import Record
import Tables

/// The section of a kernel record.
enum KernelSection {
    static func section(_ record: KernelRecord, title: String) -> Section {
        let best = record.rows.max { ($0.fractionOfPeak ?? 0) < ($1.fractionOfPeak ?? 0) }
        let parts = [
            Section.Part(
                heading: "Speed",
                figures: [KernelFigures.speeds(record)].compactMap { $0 }
            ),
            Section.Part(
                heading: "Roofline",
                figures: [RooflineFigure.kernel(record)].compactMap { $0 }
            ),
            HostPart.warnings(record.warnings, record.host),
            HostPart.part(record.host),
            HostPart.run(record.commandLine, record.started, record.exitCode),
        ]
        return Section(
            title: title,
            badges: badges(record),
            sentence: record.verdict?.sentence ?? sentence(best, record),
            reasons: Section.reasons(of: record),
            keyFigures: keyFigures(best, record),
            parts: parts.filter { !$0.isEmpty },
            summary: [
                .init(title), "kernel", .init(record.started),
                .init(Units.counted(record.rows.count, "row")), .absent,
                .value(best?.gigaflopsPerSecond, Units.significant),
                badges(record).first.map { .init($0.text, $0.isGood ? .good : .bad) } ?? .absent,
            ]
        )
    }

    private static func badges(_ record: KernelRecord) -> [Section.Badge] {
        // A benchmark without a fault has no verdict.
        guard record.verdict != nil || record.obstacle != nil else { return [] }
        return [.init(text: record.standing, isGood: record.standing == "VALID")]
    }

    private static func sentence(_ best: KernelRow?, _ record: KernelRecord) -> String {
        guard let best, let fraction = best.fractionOfPeak else {
            return
                "\(Units.counted(record.rows.count, "row")) measured, without a multiply-add peak."
        }
        return "One process reached up to \(Units.percent(fraction)) of the multiply-add peak "
            + "measured beside it (\(KernelFigures.label(best)))."
    }

    private static func keyFigures(
        _ best: KernelRow?,
        _ record: KernelRecord
    ) -> [Section.KeyFigure] {
        let roofs = record.roofs
        var figures = [
            Section.KeyFigure(
                name: "Multiply-add roof of one core",
                value: "\(Units.significant(roofs.fmaGigaflopsPerSecond)) GFLOP/s",
                reference: "measured, \(roofs.instructionSet)",
                fraction: nil
            ),
            Section.KeyFigure(
                name: "Read bandwidth of one core",
                value: "\(Units.significant(roofs.readGigabytesPerSecond)) GB/s",
                reference: "measured, in memory larger than the caches",
                fraction: nil
            ),
        ]
        if let best, let rate = best.gigaflopsPerSecond {
            figures.insert(
                .init(
                    name: "Row nearest to its peak",
                    value: "\(Units.significant(rate)) GFLOP/s",
                    reference: best.fractionOfPeak.map {
                        "\(Units.percent($0)) of the peak beside it; \(KernelFigures.label(best))"
                    } ?? KernelFigures.label(best),
                    fraction: best.fractionOfPeak
                ),
                at: 0
            )
        }
        return figures
    }
}
