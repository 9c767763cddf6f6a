namespace EdgeRoute.Protocol.Control;

/// <summary>Presses the emergency stop.</summary>
public sealed class StopRequest : IControlMessage
{
    /// <summary>Why, for the journal and for whoever stands before the robot.</summary>
    public string Reason = "";

    public void Visit(IFieldVisitor fields) => fields.Text("reason", ref Reason);
}

/// <summary>The emergency stop while it is pressed.</summary>
public sealed class StopStatus : IControlMessage
{
    /// <summary>What holds it, the first one first; it is released when all have let go.</summary>
    public List<StopCauseEntry> Causes = [];

    public void Visit(IFieldVisitor fields) => fields.List("causes", ref Causes);
}

/// <summary>Something that holds the emergency stop.</summary>
public sealed class StopCauseEntry : IControlMessage
{
    /// <summary>Of those that pressed over the channel; <c>release</c> lets go of this one.</summary>
    public const string Channel = "control channel";

    /// <summary>Such as a line's name.</summary>
    public string Cause = "";

    /// <summary>More about it, for people; empty for nothing.</summary>
    public string Reason = "";

    public long SinceUtcNs;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("cause", ref Cause);
        fields.Text("reason", ref Reason);
        fields.Long("since_utc_ns", ref SinceUtcNs);
    }
}
