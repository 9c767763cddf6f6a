namespace EdgeRoute.Protocol.Control;

public sealed class ConfigRequest : IControlMessage
{
    /// <summary>True: the effective config in force, with every default and change. False: the file as its owner wrote it.</summary>
    public bool IsEffective;

    public void Visit(IFieldVisitor fields) => fields.Boolean("effective", ref IsEffective);
}

/// <summary>A device config as text. Credentials in addresses are hidden from viewers.</summary>
public sealed class ConfigReply : IControlMessage
{
    public string Path = "";

    public string Text = "";

    public string Sha256 = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("path", ref Path);
        fields.Text("text", ref Text);
        fields.Text("sha256", ref Sha256);
    }
}

/// <summary>Replaces the config file, after every check that <c>edgerouted check</c> makes; the old one is kept beside it.</summary>
public sealed class ConfigPutRequest : IControlMessage
{
    public string Text = "";

    /// <summary>SHA-256 of the file that was read before editing: another one in between is a conflict. Empty: whatever is there.</summary>
    public string BaseSha256 = "";

    public bool IsDryRun;

    /// <summary>Start again with it. If it cannot be started, the old one is put back and started.</summary>
    public bool Restarts;

    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("text", ref Text);
        fields.Text("base_sha256", ref BaseSha256);
        fields.Boolean("dry_run", ref IsDryRun);
        fields.Boolean("restart", ref Restarts);
        fields.Text("reason", ref Reason);
    }
}

public sealed class ConfigPutReply : IControlMessage
{
    public bool IsWritten;

    public bool Restarts;

    /// <summary>Each with file, line and what to write instead; empty where the config is right.</summary>
    public List<string> Problems = [];

    public string Sha256 = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Boolean("is_written", ref IsWritten);
        fields.Boolean("restart", ref Restarts);
        fields.Texts("problems", ref Problems);
        fields.Text("sha256", ref Sha256);
    }
}

public sealed class RecordStartRequest : IControlMessage
{
    /// <summary>A plain file name; empty for one made of device and time. Recordings lie in the state folder.</summary>
    public string Name = "";

    /// <summary><c>none</c> (traces only), <c>jpeg</c> or <c>raw</c>.</summary>
    public string Frames = "none";

    /// <summary>Ends by itself after so many seconds; 0: when it is stopped.</summary>
    public double Seconds;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("frames", ref Frames);
        fields.Number("seconds", ref Seconds);
    }
}

public sealed class RecordingStatus : IControlMessage
{
    public string Name = "";

    public string Path = "";

    public string Frames = "";

    public bool IsOpen;

    public long FileBytes, TraceCount, FrameCount, TraceLostCount, FrameLostCount;

    public double? SecondsLeft;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("path", ref Path);
        fields.Text("frames", ref Frames);
        fields.Boolean("is_open", ref IsOpen);
        fields.Long("file_bytes", ref FileBytes);
        fields.Long("traces", ref TraceCount);
        fields.Long("recorded_frames", ref FrameCount);
        fields.Long("traces_lost", ref TraceLostCount);
        fields.Long("frames_lost", ref FrameLostCount);
        fields.OptionalNumber("seconds_left", ref SecondsLeft);
    }
}

public sealed class RecordingList : IControlMessage
{
    public List<RecordingStatus> Recordings = [];

    public void Visit(IFieldVisitor fields) => fields.List("recordings", ref Recordings);
}

/// <summary>A report of the device that has a JSON form of its own.</summary>
public sealed class JsonReply : IControlMessage
{
    public string Json = "";

    public void Visit(IFieldVisitor fields) => fields.Text("json", ref Json);
}

public sealed class ShutdownRequest : IControlMessage
{
    /// <summary>Start again with the config file as it is then.</summary>
    public bool Restarts;

    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Boolean("restart", ref Restarts);
        fields.Text("reason", ref Reason);
    }
}

/// <summary>What a request did, where there is nothing more to say.</summary>
public sealed class DoneReply : IControlMessage
{
    public string Text = "";

    public void Visit(IFieldVisitor fields) => fields.Text("text", ref Text);
}
