namespace EdgeRoute.Protocol.Control;

/// <summary>The channel itself: who is connected, and what was refused or lost since start.</summary>
public sealed class ChannelStatus : IControlMessage
{
    public int ConnectionCount, SubscriberCount;

    public long AcceptedCount, RefusedCount, TelemetryLostCount, RequestCount, JournalCount;

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("connections", ref ConnectionCount);
        fields.Integer("subscribers", ref SubscriberCount);
        fields.Long("accepted", ref AcceptedCount);
        fields.Long("refused", ref RefusedCount);
        fields.Long("telemetry_lost", ref TelemetryLostCount);
        fields.Long("requests", ref RequestCount);
        fields.Long("journal", ref JournalCount);
    }
}

/// <summary>One receiver of answers: an output of the device config, the channel as a whole, or one subscriber of it.</summary>
public sealed class OutputStatus : IControlMessage
{
    public const string Channel = "channel", Subscriber = "subscriber";

    /// <summary>
    /// As in the config, <c>--answers</c> for what the command line asked for, or who subscribed and as which since start.
    /// </summary>
    public string Name = "";

    /// <summary>As in the config, <see cref="Channel"/> or <see cref="Subscriber"/>.</summary>
    public string Kind = "";

    /// <summary>Answers handed over, and answers that were not because it was too slow, full or gone.</summary>
    public long ToldCount, LostCount;

    /// <summary>Why it takes nothing now, or not all; null while it works.</summary>
    public string? Fault;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("kind", ref Kind);
        fields.Long("told", ref ToldCount);
        fields.Long("lost", ref LostCount);
        fields.OptionalText("fault", ref Fault);
    }
}
