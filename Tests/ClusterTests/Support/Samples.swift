/// Bytes that differ from their neighbours and from one `salt` to the next.
func pattern(_ count: Int, salt: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ salt) &* 167 &+ ($0 >> 8) &+ 13) }
}
