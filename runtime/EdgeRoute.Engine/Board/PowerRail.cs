namespace EdgeRoute.Engine.Board;

/// <summary>One wire that a power monitor watches.</summary>
/// <param name="Name">The label of the board's device tree: VDD_IN.</param>
internal sealed record PowerRail(string Name, string VoltagePath, string CurrentPath)
{
    /// <summary>The monitor gives millivolts and milliamperes, never watts.</summary>
    public double? ReadMilliwatts(SystemFiles files, out string reason)
    {
        long? millivolts = files.TryReadNumber(VoltagePath, out reason);
        long? milliamperes = files.TryReadNumber(CurrentPath, out string currentReason);
        reason = reason.Length > 0 ? reason : currentReason;
        return millivolts * milliamperes / 1000.0;
    }
}
