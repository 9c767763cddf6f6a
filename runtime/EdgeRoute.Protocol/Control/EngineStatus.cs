namespace EdgeRoute.Protocol.Control;

/// <summary>A server that runs stages of packs, as far as frames go there. Counts are since start.</summary>
public sealed class EngineStatus : IControlMessage
{
    public const string Ready = "ready", Absent = "absent", LeftOut = "left_out";

    /// <summary>As in the config.</summary>
    public string Name = "", Kind = "", Address = "";

    /// <summary><see cref="Ready"/>, <see cref="Absent"/>, or <see cref="LeftOut"/> after faults in a row.</summary>
    public string State = "";

    /// <summary>Stages that it has, each with its pack: <c>shapes/heavy</c>.</summary>
    public List<string> Stages = [];

    /// <summary>Runs asked of it, and what became of them.</summary>
    public long RequestCount, AnsweredCount, LateCount, FailedCount;

    /// <summary>Runs that were done here because it was absent, left out, late or failed.</summary>
    public long HereCount;

    /// <summary>Runs that stayed here because it would have been slower, or no time was left to be let down.</summary>
    public long KeptCount;

    /// <summary>Heads and bodies of requests and answers, those that measure the link included.</summary>
    public long BytesOut, BytesIn;

    /// <summary>From request to answer, of the stage that takes longest, in milliseconds; not a number before the first.</summary>
    public double RoundTripMs;

    /// <summary>Why it cannot be used, or a stage of it; null where all can.</summary>
    public string? Fault;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("kind", ref Kind);
        fields.Text("address", ref Address);
        fields.Text("state", ref State);
        fields.Texts("stages", ref Stages);
        fields.Long("requests", ref RequestCount);
        fields.Long("answered", ref AnsweredCount);
        fields.Long("late", ref LateCount);
        fields.Long("failed", ref FailedCount);
        fields.Long("here", ref HereCount);
        fields.Long("kept", ref KeptCount);
        fields.Long("bytes_out", ref BytesOut);
        fields.Long("bytes_in", ref BytesIn);
        fields.Number("round_trip_ms", ref RoundTripMs);
        fields.OptionalText("fault", ref Fault);
    }
}
