/// Numbers in the form that the sentences of this module use.
enum Figures {
    /// Rounded to this number of decimal places.
    static func decimal(_ value: Double, places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (value * scale).rounded()
        guard abs(scaled) < 1e15 else { return "\(value)" }
        let whole = Int(abs(scaled))
        var digits = String(whole)
        while digits.count <= places { digits = "0" + digits }
        let sign = scaled < 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        return sign + digits.dropLast(places) + "." + digits.suffix(places)
    }

    /// A fraction as percent, with the places it deserves.
    static func percent(_ fraction: Double) -> String {
        let value = fraction * 100
        return decimal(value, places: abs(value) < 9.95 ? 1 : 0) + " %"
    }

    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    static func duration(nanoseconds: Double) -> String {
        switch abs(nanoseconds) {
        case ..<1e3: decimal(nanoseconds, places: 0) + " ns"
        case ..<1e6: decimal(nanoseconds / 1e3, places: 1) + " µs"
        case ..<1e9: decimal(nanoseconds / 1e6, places: 1) + " ms"
        default: decimal(nanoseconds / 1e9, places: 1) + " s"
        }
    }
}
