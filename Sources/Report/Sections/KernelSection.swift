import Record
import Tables

/// The section of a kernel record.
extension KernelRecord: DrawnRecord {
    package func section(title: String) -> Section {
        let parts = [
            Section.Part(
                heading: "Speed",
                figures: [KernelFigures.speeds(self)].compactMap { $0 }
            ),
            Section.Part(
                heading: "Roofline",
                figures: [RooflineFigure.kernel(self)].compactMap { $0 }
            ),
        ]
        return Section(
            self,
            title: title,
            // A benchmark without a fault has no verdict.
            badges: verdict == nil && obstacle == nil ? [] : nil,
            keyFigures: keyFigures,
            parts: parts + HostPart.parts(of: self),
            what: Units.counted(rows.count, "row"),
            rate: .value(bestRow?.gigaflopsPerSecond, Units.significant)
        )
    }

    private var keyFigures: [Section.KeyFigure] {
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
        if let best = bestRow, let rate = best.gigaflopsPerSecond {
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
