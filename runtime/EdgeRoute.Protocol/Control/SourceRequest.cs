namespace EdgeRoute.Protocol.Control;

/// <summary>A source that is to come, to go, or to become another.</summary>
public sealed class SourceRequest : IControlMessage
{
    public string Name = "";

    /// <summary>
    /// As it stands below the source's name in a device config (YAML). Of a source that changes: the keys that differ; what is not given
    /// stays. Empty for one that goes.
    /// </summary>
    public string Config = "";

    /// <summary>Say what would happen, and change nothing. The source is opened all the same.</summary>
    public bool IsDryRun;

    /// <summary>Seconds in which the first frame must come, else the source is refused; 0 takes it without having seen a frame.</summary>
    public double WaitSeconds = UsualWaitSeconds;

    /// <summary>Into the config file too, so that the device starts with it; what is on trial once it is kept.</summary>
    public bool IsSaved;

    /// <summary>Keep the change only if it proves itself; null to keep it at once.</summary>
    public TrialRequest? Trial;

    /// <summary>Why, for the journal.</summary>
    public string Reason = "";

    /// <summary>Cameras on the network, and servers that start them, take seconds.</summary>
    public const double UsualWaitSeconds = 10;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("config", ref Config);
        fields.Boolean("dry_run", ref IsDryRun);
        fields.Number("wait_s", ref WaitSeconds);
        fields.Boolean("save", ref IsSaved);
        fields.OptionalMessage("trial", ref Trial);
        fields.Text("reason", ref Reason);
    }
}
