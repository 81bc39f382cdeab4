extension Style {
    /// The colours that a terminal can show.
    package enum ColorDepth: Sendable {
        case none, cube, full

        func foreground(_ color: ColorRamp.Color) -> String { "38;" + code(color) }
        func background(_ color: ColorRamp.Color) -> String { "48;" + code(color) }

        private func code(_ color: ColorRamp.Color) -> String {
            self == .full
                ? "2;\(color.red);\(color.green);\(color.blue)" : "5;\(color.terminalNumber)"
        }
    }
}
