import ArgumentParser
import Platform

struct WireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire",
        abstract: "Measure tasks and tensors on the way, without computing.",
        discussion: """
            Real clusters, whose workers compute nothing: how long a task takes there and back, how \
            many tasks a second workers answer, and how fast payloads of each size travel in each \
            plane. Beside them, in the same seconds: as many processes over bare ZeroMQ, a bare \
            socket, and a copy in memory. Every byte that comes back is compared. Examples:
              headwise wire
              headwise wire --transport ipc,tcp --sizes 4KiB-16MiB*4 --plane inline
              headwise wire --workers 64 --compute emulate:1ms --credit 2
              headwise wire --sizes none --tasks 1000000
              headwise wire --keys keys --sizes 1MiB --plane inline
            """
    )

    @OptionGroup var wire: WireOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var report: ReportOptions

    func run() throws {
        let interruption = try Interruption()
        let measurement = try wire.measurement()
        let page = try report.writer(beside: [("--record", output.recordPath)])
        let progress = output.printing.progress
        let measured = try measurement.measure(
            into: try output.reserve(name: "wire"),
            interruption: interruption,
            progress: progress.report
        )
        progress.clear()
        try output.printing.finish(measured, page: page, interruption: interruption)
    }
}
