using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>What the keys do now.</summary>
internal enum TopMode
{
    Watching,
    Dial,
    Budget,
    Floor,
    Policy,
    Lock,
    Help,
}

/// <summary>All that <c>top</c> knows and shows. No clock, terminal or connection: those hand things in.</summary>
internal sealed class TopModel
{
    /// <summary>More than the tallest terminal shows.</summary>
    private const int EventsMost = 200;

    public string Place { get; set; } = "";

    /// <summary>In which times are shown.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Local;

    public Welcome Welcome { get; set; } = new();

    /// <summary>Null: connected. Else why not, and what happens about it.</summary>
    public string? LinkProblem { get; set; } = "connecting...";

    public DeviceStatus? Status { get; private set; }

    public List<StreamView> Streams { get; } = [];

    public int ChosenIndex { get; set; }

    public StreamView? Chosen => ChosenIndex < Streams.Count ? Streams[ChosenIndex] : null;

    public List<EventEntry> Events { get; } = [];

    /// <summary>Telemetry that was lost on the way, of this connection.</summary>
    public long LostCount { get; private set; }

    public TopMode Mode { get; set; }

    /// <summary>What is being typed, or the choice among <see cref="Choices"/>.</summary>
    public string Input { get; set; } = "";

    public IReadOnlyList<string> Choices { get; set; } = [];

    public double DialPrice { get; set; }

    /// <summary>What is sent next goes on trial.</summary>
    public bool IsTrial { get; set; }

    /// <summary>The last word about what was asked; empty for none.</summary>
    public string Message { get; private set; } = "";

    public Tone MessageTone { get; private set; }

    public bool IsOperator => ControlRole.Covers(Welcome.Role, ControlRole.Operator);

    public void Describe(DeviceDescription device)
    {
        foreach (var stream in Streams)
        {
            stream.Description = device.Streams.Find(s => s.Name == stream.Name);
        }

        foreach (var description in device.Streams.Where(d => !Streams.Exists(s => s.Name == d.Name)))
        {
            var view = new StreamView { Description = description };
            view.Take(new StreamStatus { Name = description.Name, Pack = description.Pack, Policy = description.Policy,
                DeadlineMs = description.DeadlineMs });
            view.History.Clear();
            Streams.Add(view);
        }
    }

    /// <summary>
    /// Streams that are there no more go. True where one came or changed its pack, so that its description is no longer right.
    /// </summary>
    public bool Take(TelemetryMessage message)
    {
        (Status, LostCount) = (message.Status, message.LostCount);
        LetGo(message.Status.Streams);
        bool isOther = false;
        foreach (var status in message.Status.Streams)
        {
            if (Streams.Find(s => s.Name == status.Name) is not { } view)
            {
                view = new StreamView();
                Streams.Add(view);
            }

            view.Take(status);
            isOther |= view.Description?.Pack != status.Pack;
        }

        return isOther;
    }

    /// <summary>What is chosen stays so while it is there. A device that tells of no stream has no engine just now.</summary>
    private void LetGo(List<StreamStatus> streams)
    {
        var chosen = Chosen;
        Streams.RemoveAll(v => streams.Count > 0 && !streams.Exists(s => s.Name == v.Status.Name));
        ChosenIndex = chosen is null ? ChosenIndex : Math.Max(0, Streams.IndexOf(chosen));
    }

    public void Take(EventEntry entry)
    {
        if (Events.Exists(e => e.Number == entry.Number && e.UtcNs == entry.UtcNs))
        {
            return;
        }

        Events.Add(entry);
        Events.RemoveRange(0, Math.Max(0, Events.Count - EventsMost));
    }

    public void Say(string message, Tone tone = Tone.Plain) => (Message, MessageTone) = (message, tone);
}
