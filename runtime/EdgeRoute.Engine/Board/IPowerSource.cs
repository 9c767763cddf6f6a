namespace EdgeRoute.Engine.Board;

/// <summary>Something on the machine that tells what it draws.</summary>
internal interface IPowerSource
{
    /// <summary>What is measured, and by what: "VDD_IN (ina3221)".</summary>
    string Name { get; }

    /// <summary>Watts, momentary or since the reading before; null with the reason where it cannot be read, and without one where a second reading is needed first.</summary>
    double? ReadWatts(SystemFiles files, long nowNs, out string reason);
}
