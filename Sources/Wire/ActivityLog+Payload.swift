import Work

/// The payload of a RESULT whose worker says when it did what.
///
/// It is raw and has a fixed size for each activity, so that reading it cannot fail: whoever sends
/// nonsense gets a nonsensical trace, and nothing else.
extension ActivityLog {
    package static let activityBytes = 32
    /// The most activities that a payload holds, the count of those left out among them.
    package static let mostInPayload = WireProtocol.maximumPayloadBytes / activityBytes
    /// The kind of an entry whose bytes say how many were left out.
    private static let leftOutKind: UInt8 = 255
    private static let noShard = UInt64(UInt32.max)
    private static let mostAttempts = 1 << 24 - 1

    package var payload: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((activities.count + 1) * Self.activityBytes)
        func append(_ words: UInt64...) {
            for word in words {
                for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * place))) }
            }
        }
        func place(_ kind: UInt8, _ shard: UInt64, _ attempt: Int) -> UInt64 {
            UInt64(kind) << 56 | UInt64(min(attempt, Self.mostAttempts)) << 32 | shard
        }
        for activity in activities {
            append(
                activity.beginNanoseconds,
                activity.endNanoseconds,
                activity.byteCount,
                place(
                    activity.kind.rawValue,
                    activity.shard.map { UInt64(UInt32(truncatingIfNeeded: $0)) } ?? Self.noShard,
                    activity.attempt
                )
            )
        }
        if leftOut > 0 { append(0, 0, leftOut, place(Self.leftOutKind, Self.noShard, 0)) }
        return bytes
    }

    /// Reads whole entries; those of a kind that is unknown, or that end before they begin, are counted as
    /// left out.
    package init(payload bytes: Span<UInt8>) {
        self.init(capacity: Self.mostInPayload)
        var others: UInt64 = 0
        for start in stride(
            from: 0,
            to: bytes.count - Self.activityBytes + 1,
            by: Self.activityBytes
        ) {
            func word(_ index: Int) -> UInt64 {
                (0..<8).reduce(0) { $0 | UInt64(bytes[start + 8 * index + $1]) << UInt64(8 * $1) }
            }
            let place = word(3)
            if UInt8(place >> 56) == Self.leftOutKind {
                others &+= word(2)
                continue
            }
            guard let kind = Activity.Kind(rawValue: UInt8(place >> 56)), kind.isOfWorkers,
                word(0) <= word(1)
            else {
                others &+= 1
                continue
            }
            let shard = place & Self.noShard
            append(
                Activity(
                    kind: kind,
                    shard: shard == Self.noShard ? nil : Int(shard),
                    attempt: Int(place >> 32) & Self.mostAttempts,
                    beginNanoseconds: word(0),
                    endNanoseconds: word(1),
                    byteCount: word(2)
                )
            )
        }
        leaveOut(others)
    }
}
