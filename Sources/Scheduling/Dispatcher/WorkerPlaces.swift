import Work

/// Where each worker stands in the dispatcher's list, by its ID.
///
/// IDs count from 0, so an array does; each message asks for several.
struct WorkerPlaces: Hashable, Sendable {
    private var places: [Int?] = []

    subscript(id: WorkerID) -> Int? {
        get { places.indices.contains(id.rawValue) ? places[id.rawValue] : nil }
        set {
            precondition(id.rawValue >= 0, "the IDs of workers count from 0")
            while places.count <= id.rawValue { places.append(nil) }
            places[id.rawValue] = newValue
        }
    }
}
