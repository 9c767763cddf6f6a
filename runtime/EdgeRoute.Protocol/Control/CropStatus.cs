namespace EdgeRoute.Protocol.Control;

/// <summary>What became of a stage on crops; counts are since start.</summary>
public sealed class CropStatus : IControlMessage
{
    /// <summary>Its name in the pack.</summary>
    public string Stage = "";

    /// <summary>Crops looked at; boxes whose answer was known; crops that gave no answer.</summary>
    public long RunCount, KnownCount, FailedCount;

    /// <summary>Frames on which a crop was left out for lack of time; boxes that were too small.</summary>
    public long ShortCount, SmallCount;

    /// <summary>Device time of a crop lately, in milliseconds; not a number before the first.</summary>
    public double MeanMs = double.NaN;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stage", ref Stage);
        fields.Long("run", ref RunCount);
        fields.Long("known", ref KnownCount);
        fields.Long("failed", ref FailedCount);
        fields.Long("short", ref ShortCount);
        fields.Long("small", ref SmallCount);
        fields.Number("mean_ms", ref MeanMs);
    }
}
