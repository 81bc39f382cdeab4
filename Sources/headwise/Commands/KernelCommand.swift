import ArgumentParser
import Platform

struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel",
        abstract: "Measure the kernels in one process, beside the measured roofs of its core.",
        discussion: """
            Each row is measured in several visits, with the other rows between them. Samples of \
            the kernel alternate with probes of the multiply-add peak, so that the fraction of \
            peak means the same on a busy machine. `of peak` is the ratio of the medians. `at \
            best` compares the fastest tenth of a row's samples with the highest value of the roof \
            that binds the row, multiply-adds or reading: what the kernel reaches when other \
            programs leave the core alone. Examples:
              headwise kernel
              headwise kernel --length 1024,4096 --head-dimension 128 --isa avx2
              headwise kernel --suite
              headwise kernel --length 1024 --mask window:256 --compare-isa
            """
    )

    @OptionGroup var kernel: KernelOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func run() throws {
        let interruption = try Interruption()
        let measurement = try kernel.measurement()
        let page = try report.writer(beside: [("--record", output.recordPath)])
        let progress = output.printing.progress
        let measured = try measurement.measure(
            into: try output.reserve(name: "kernel"),
            interruption: interruption,
            progress: progress.report
        )
        progress.clear()
        try output.printing.finish(measured, page: page, interruption: interruption)
    }
}
