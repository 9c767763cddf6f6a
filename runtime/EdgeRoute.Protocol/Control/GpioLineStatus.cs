namespace EdgeRoute.Protocol.Control;

/// <summary>A GPIO line of the device's config. Counts are since start.</summary>
public sealed class GpioLineStatus : IControlMessage
{
    /// <summary>A line's level; the last one of a line that cannot be had.</summary>
    public const string Active = "active", Inactive = "inactive", Unknown = "unknown";

    public string Name = "";

    /// <summary>As in the config: <c>trigger</c>, <c>stop</c>, <c>lock</c>, <c>rule</c> or <c>heartbeat</c>.</summary>
    public string Use = "";

    /// <summary>Where it is, for people: "pin 33, PH.00".</summary>
    public string Place = "";

    /// <summary><see cref="Active"/>, <see cref="Inactive"/> or <see cref="Unknown"/>.</summary>
    public string Level = Unknown;

    /// <summary>Changes of its level.</summary>
    public long EdgeCount;

    /// <summary>When its level last changed, in nanoseconds since 1970; 0 for not yet.</summary>
    public long ChangedUtcNs;

    /// <summary>
    /// Of inputs: edges that the kernel had no room for, and triggers that came before the frame of the one before. Of outputs: times that
    /// a rule was to make it active while it could not be had.
    /// </summary>
    public long LostCount;

    /// <summary>Times it could not be had or was lost.</summary>
    public long FaultCount;

    /// <summary>Why it cannot be had now; null while it can.</summary>
    public string? Fault;

    /// <summary>
    /// In microseconds: of inputs from the edge, as the kernel stamped it, to what it does; of outputs from an answer's publishing to the
    /// change of level that a rule makes of it. Not a number where nothing was measured.
    /// </summary>
    public double LatencyUsP50 = double.NaN, LatencyUsP99 = double.NaN, LatencyUsMax = double.NaN;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("use", ref Use);
        fields.Text("place", ref Place);
        fields.Text("level", ref Level);
        fields.Long("edges", ref EdgeCount);
        fields.Long("changed_utc_ns", ref ChangedUtcNs);
        fields.Long("lost", ref LostCount);
        fields.Long("faults", ref FaultCount);
        fields.OptionalText("fault", ref Fault);
        fields.Number("latency_us_p50", ref LatencyUsP50);
        fields.Number("latency_us_p99", ref LatencyUsP99);
        fields.Number("latency_us_max", ref LatencyUsMax);
    }
}
