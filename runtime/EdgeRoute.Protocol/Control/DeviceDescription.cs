namespace EdgeRoute.Protocol.Control;

/// <summary>
/// What changes only where somebody changes it: machine, library, streams with their route trees, packs.
/// </summary>
public sealed class DeviceDescription : IControlMessage
{
    public string Device = "";

    public string Version = "";

    public string Board = "";

    public string OnnxRuntime = "";

    public string ConfigPath = "";

    /// <summary>SHA-256 of the effective config that is in force, changes included.</summary>
    public string ConfigSha256 = "";

    public long StartedUtcNs;

    public List<StreamDescription> Streams = [];

    public List<PackDescription> Packs = [];

    /// <summary>Methods this device answers.</summary>
    public List<string> Methods = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("device", ref Device);
        fields.Text("version", ref Version);
        fields.Text("board", ref Board);
        fields.Text("onnxruntime", ref OnnxRuntime);
        fields.Text("config_path", ref ConfigPath);
        fields.Text("config_sha256", ref ConfigSha256);
        fields.Long("started_utc_ns", ref StartedUtcNs);
        fields.List("streams", ref Streams);
        fields.List("packs", ref Packs);
        fields.Texts("methods", ref Methods);
    }
}

/// <summary>One source on its way through one pack.</summary>
public sealed class StreamDescription : IControlMessage
{
    /// <summary>Its number in traces. No other stream of the run has it, nor had it lately.</summary>
    public int Index;

    public string Name = "";

    /// <summary>Without user names and passwords.</summary>
    public string Address = "";

    public string Pack = "";

    public string Policy = "";

    public string Task = "";

    /// <summary>A calibration is loaded: prices, budgets and floors can be set.</summary>
    public bool IsCalibrated;

    public double? DeadlineMs;

    /// <summary>Class names of the pack; empty where it has none.</summary>
    public List<string> Labels = [];

    /// <summary>Nodes of the route tree in order; 0 is the frame.</summary>
    public List<RouteNodeDescription> Nodes = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("index", ref Index);
        fields.Text("name", ref Name);
        fields.Text("address", ref Address);
        fields.Text("pack", ref Pack);
        fields.Text("policy", ref Policy);
        fields.Text("task", ref Task);
        fields.Boolean("is_calibrated", ref IsCalibrated);
        fields.OptionalNumber(SettingKeys.DeadlineMs, ref DeadlineMs);
        fields.Texts("labels", ref Labels);
        fields.List("nodes", ref Nodes);
    }
}

/// <summary>A node of a stream's route tree, as decisions and traces refer to it by index.</summary>
public sealed class RouteNodeDescription : IControlMessage
{
    /// <summary>As <c>light>heavy@keep=0.5</c>; node 0 is <c>frame</c>, the previous answer <c>previous</c>.</summary>
    public string Path = "";

    public List<RouteOptionDescription> Options = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("path", ref Path);
        fields.List("options", ref Options);
    }
}

public sealed class RouteOptionDescription : IControlMessage
{
    public string Name = "";

    /// <summary>1 stop, 2 previous, 3 run, 4 continue, 5 escalate: as in recordings.</summary>
    public int Kind;

    public int NodeIndex;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Integer("kind", ref Kind);
        fields.Integer("node", ref NodeIndex);
    }
}

/// <summary>A pack that is loaded.</summary>
public sealed class PackDescription : IControlMessage
{
    /// <summary>As the device config names it.</summary>
    public string Name = "";

    public string Title = "";

    public string Version = "";

    public string ManifestPath = "";

    public string ManifestSha256 = "";

    public List<string> Paths = [];

    /// <summary>Streams that run through it.</summary>
    public List<string> Streams = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("title", ref Title);
        fields.Text("version", ref Version);
        fields.Text("manifest_path", ref ManifestPath);
        fields.Text("manifest_sha256", ref ManifestSha256);
        fields.Texts("paths", ref Paths);
        fields.Texts("streams", ref Streams);
    }
}

public sealed class PackList : IControlMessage
{
    public List<PackDescription> Packs = [];

    public void Visit(IFieldVisitor fields) => fields.List("packs", ref Packs);
}

/// <summary>Loads a pack that lies on the device, beside those that run.</summary>
public sealed class PackLoadRequest : IControlMessage
{
    /// <summary>The name that it gets, as under <c>packs</c> in a device config.</summary>
    public string Name = "";

    public string ManifestPath = "";

    /// <summary>Where the model files are not beside the manifest.</summary>
    public string? FilesFolder;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("manifest_path", ref ManifestPath);
        fields.OptionalText("files_folder", ref FilesFolder);
    }
}
