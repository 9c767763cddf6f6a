namespace EdgeRoute.Protocol.Control;

/// <summary>A rule on what a source sees.</summary>
public sealed class RuleStatus : IControlMessage
{
    public string Name = "";

    public bool IsOn;

    /// <summary>Times it has turned on since the start.</summary>
    public long OnCount;

    /// <summary>Recordings that it wanted and that could not begin while it did.</summary>
    public long LostCount;

    /// <summary>Why what it wants done cannot be done now, or why its last recording was lost; null for nothing.</summary>
    public string? Fault;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Boolean("on", ref IsOn);
        fields.Long("count", ref OnCount);
        fields.Long("lost", ref LostCount);
        fields.OptionalText("fault", ref Fault);
    }
}

/// <summary>A rule has turned: what outputs of answers tell of it beside them.</summary>
public sealed class RuleTurnMessage : IControlMessage
{
    public string Source = "", Rule = "";

    /// <summary>Of the frame that turned it.</summary>
    public long Sequence;

    public long TimeUtcNs;

    public bool IsOn;

    /// <summary>The rule's event; null where it has none.</summary>
    public string? Text;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("source", ref Source);
        fields.Long("sequence", ref Sequence);
        fields.Long("time_utc_ns", ref TimeUtcNs);
        fields.Text("rule", ref Rule);
        fields.Boolean("on", ref IsOn);
        fields.OptionalText("text", ref Text);
    }
}
