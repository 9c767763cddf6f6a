namespace EdgeRoute.Protocol.Control;

/// <summary>Asks for notifications.</summary>
public sealed class SubscribeRequest : IControlMessage
{
    /// <summary><c>telemetry</c>, <c>trace</c>, <c>answer</c>, <c>action</c> or <c>event</c>.</summary>
    public string Kind = "";

    /// <summary>
    /// Telemetry: messages per second, 0.1 to 20. Traces: frames per second at most, 0 for every frame; answers likewise, of each stream.
    /// </summary>
    public double RateHz;

    /// <summary>Traces, answers and actions: of this stream only; empty for all.</summary>
    public string Stream = "";

    /// <summary>Traces: <c>brief</c> (64 bytes a frame) or <c>full</c> (3624 bytes, as in recordings).</summary>
    public string Detail = "brief";

    /// <summary>Traces: only frames that were late, failed, fell back or were audited.</summary>
    public bool OnlyNotable;

    /// <summary>Answers: what of them is wanted; null for all.</summary>
    public AnswerFilter? Filter;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("kind", ref Kind);
        fields.Number("rate_hz", ref RateHz);
        fields.Text("stream", ref Stream);
        fields.Text("detail", ref Detail);
        fields.Boolean("only_notable", ref OnlyNotable);
        fields.OptionalMessage("filter", ref Filter);
    }
}

/// <summary>What of each answer a subscriber wants.</summary>
public sealed class AnswerFilter : IControlMessage
{
    /// <summary>Boxes, classes and segments of these names only; empty for all.</summary>
    public List<string> Classes = [];

    /// <summary>Boxes and classes with at least this confidence only, in [0, 1].</summary>
    public double MinConfidence;

    /// <summary>Only frames on which something else is told than on the last one of that stream that was told.</summary>
    public bool OnlyChanges;

    public void Visit(IFieldVisitor fields)
    {
        fields.Texts("classes", ref Classes);
        fields.Number("min_confidence", ref MinConfidence);
        fields.Boolean("only_changes", ref OnlyChanges);
    }
}

public sealed class Subscription : IControlMessage
{
    public int Number;

    public void Visit(IFieldVisitor fields) => fields.Integer("subscription", ref Number);
}

/// <summary>Telemetry as it is sent to a subscriber.</summary>
public sealed class TelemetryMessage : IControlMessage
{
    public int Subscription;

    /// <summary>1-based; a gap means that messages were lost.</summary>
    public long Number;

    /// <summary>Messages of this subscription that were lost because the client read too slowly.</summary>
    public long LostCount;

    public DeviceStatus Status = new();

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("subscription", ref Subscription);
        fields.Long("number", ref Number);
        fields.Long("lost", ref LostCount);
        fields.Message("status", ref Status);
    }
}

/// <summary>A batch of traces.</summary>
public sealed class TraceMessage : IControlMessage
{
    public int Subscription;

    public long Number;

    /// <summary>Records of this subscription lost so far, because the client or the channel was too slow.</summary>
    public long LostCount;

    /// <summary>Bytes of one record: 64 for brief, 3624 for full ones.</summary>
    public int RecordBytes;

    /// <summary>Whole records behind each other.</summary>
    public byte[] Records = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("subscription", ref Subscription);
        fields.Long("number", ref Number);
        fields.Long("lost", ref LostCount);
        fields.Integer("record_bytes", ref RecordBytes);
        fields.Bytes("records", ref Records);
    }
}

/// <summary>Something that happened on the device.</summary>
public sealed class EventEntry : IControlMessage
{
    /// <summary>1-based, since the process started.</summary>
    public long Number;

    public long UtcNs;

    /// <summary><c>notice</c> or <c>warning</c>.</summary>
    public string Level = "";

    /// <summary>Empty: the whole device.</summary>
    public string Stream = "";

    public string Text = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Long("number", ref Number);
        fields.Long("utc_ns", ref UtcNs);
        fields.Text("level", ref Level);
        fields.Text("stream", ref Stream);
        fields.Text("text", ref Text);
    }
}

public sealed class EventListRequest : IControlMessage
{
    /// <summary>Only events with a greater number.</summary>
    public long After;

    public void Visit(IFieldVisitor fields) => fields.Long("after", ref After);
}

public sealed class EventList : IControlMessage
{
    /// <summary>Oldest first.</summary>
    public List<EventEntry> Events = [];

    public void Visit(IFieldVisitor fields) => fields.List("events", ref Events);
}

/// <summary>One change as the journal keeps it.</summary>
public sealed class JournalEntry : IControlMessage
{
    public long Number;

    public long UtcNs;

    /// <summary>Name, role and transport of the client: <c>anna (operator, tls)</c>; <c>device</c> for a rollback by itself.</summary>
    public string Who = "";

    public string Method = "";

    public string Stream = "";

    public List<SettingDifference> Differences = [];

    /// <summary><c>applied</c>, <c>on trial</c>, <c>kept</c>, <c>rolled back: ...</c>, <c>failed: ...</c>.</summary>
    public string Outcome = "";

    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Long("number", ref Number);
        fields.Long("utc_ns", ref UtcNs);
        fields.Text("who", ref Who);
        fields.Text("method", ref Method);
        fields.Text("stream", ref Stream);
        fields.List("differences", ref Differences);
        fields.Text("outcome", ref Outcome);
        fields.Text("reason", ref Reason);
    }
}

public sealed class JournalList : IControlMessage
{
    /// <summary>Oldest first; the latest 200.</summary>
    public List<JournalEntry> Entries = [];

    public void Visit(IFieldVisitor fields) => fields.List("entries", ref Entries);
}

/// <summary>Which frame's story is wanted.</summary>
public sealed class TraceRequest : IControlMessage
{
    public string Stream = "";

    /// <summary>Number of the frame; null with <see cref="Pick"/>.</summary>
    public long? Sequence;

    /// <summary><c>last</c>, <c>late</c> or <c>slowest</c> of those the device still remembers.</summary>
    public string Pick = "last";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.OptionalInteger("sequence", ref Sequence);
        fields.Text("pick", ref Pick);
    }
}

/// <summary>
/// One frame's whole story as a recording: the bytes of an .erec file with a session start and that one trace, to be read like any other.
/// </summary>
public sealed class TraceReply : IControlMessage
{
    public string Stream = "";

    public long Sequence;

    public byte[] Recording = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Long("sequence", ref Sequence);
        fields.Bytes("recording", ref Recording);
    }
}

public sealed class SnapshotRequest : IControlMessage
{
    public string Stream = "";

    /// <summary>With boxes or labels, path and reason drawn in.</summary>
    public bool IsAnnotated = true;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Boolean("annotated", ref IsAnnotated);
    }
}

/// <summary>The next frame that ended after the request.</summary>
public sealed class SnapshotReply : IControlMessage
{
    public string Stream = "";

    public long Sequence;

    public string Path = "";

    public byte[] Jpeg = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Long("sequence", ref Sequence);
        fields.Text("path", ref Path);
        fields.Bytes("jpeg", ref Jpeg);
    }
}
