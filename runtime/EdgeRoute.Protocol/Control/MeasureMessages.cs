namespace EdgeRoute.Protocol.Control;

/// <summary>Asks for some runs of every stage variant of a stream's pack, between its frames.</summary>
public sealed class MeasureTurnsRequest : IControlMessage
{
    /// <summary>Device time of one request, in milliseconds: as long as nobody minds to wait, and short enough to be called off.</summary>
    public const double MsLeast = 1, MsMost = 2000, MsUsual = 500;

    /// <summary>May be left out where there is one stream.</summary>
    public string Stream = "";

    public double Ms = MsUsual;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Number("ms", ref Ms);
    }
}

/// <summary>What they took, and what became of frames meanwhile.</summary>
public sealed class MeasureTurnsReply : IControlMessage
{
    public string Stream = "";

    /// <summary>The pack's own name, and the hash of its manifest.</summary>
    public string Pack = "", ManifestSha256 = "";

    /// <summary>Path of the manifest on the device.</summary>
    public string ManifestPath = "";

    /// <summary>The machine's name in the network, by which cost profiles name it.</summary>
    public string Machine = "";

    public int CoreCount;

    public string OnnxRuntime = "";

    public string Provider = "";

    public int Threads;

    public bool Spin;

    /// <summary>In the order of the route tree.</summary>
    public List<MeasuredVariant> Variants = [];

    /// <summary>Those that end in an answer.</summary>
    public List<MeasuredPath> Paths = [];

    /// <summary>Stages on crops, each on the whole frame, which is the largest crop that there is; in the manifest's order.</summary>
    public List<MeasuredVariant> Crops = [];

    /// <summary>Milliseconds of the turns, all together, and the longest that frames had to wait for one.</summary>
    public double TurnMs, LongestTurnMs;

    /// <summary>Of this program, while it measured.</summary>
    public double BusyCores = double.NaN;

    /// <summary>What other processes took of all cores since the request before, 0 to 100; not a number where that is not known.</summary>
    public double OthersPercent = double.NaN;

    /// <summary>Power of the board lately; null where nothing measures it.</summary>
    public double? Watts;

    /// <summary>Frames of all streams that ended meanwhile; those of them that a newer one had replaced, or that were late.</summary>
    public long EndedCount, DroppedCount, LateCount;

    /// <summary>What the last failed run said; empty while none failed.</summary>
    public string Fault = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Text("pack", ref Pack);
        fields.Text("manifest_sha256", ref ManifestSha256);
        fields.Text("manifest_path", ref ManifestPath);
        fields.Text("machine", ref Machine);
        fields.Integer("cores", ref CoreCount);
        fields.Text("onnxruntime", ref OnnxRuntime);
        fields.Text("provider", ref Provider);
        fields.Integer("threads", ref Threads);
        fields.Boolean("spin", ref Spin);
        fields.List("variants", ref Variants);
        fields.List("paths", ref Paths);
        fields.Number("turn_ms", ref TurnMs);
        fields.Number("longest_turn_ms", ref LongestTurnMs);
        fields.Number("busy_cores", ref BusyCores);
        fields.Number("others_percent", ref OthersPercent);
        fields.OptionalNumber("watts", ref Watts);
        fields.Long("ended", ref EndedCount);
        fields.Long("dropped", ref DroppedCount);
        fields.Long("late", ref LateCount);
        fields.Text("fault", ref Fault);
        fields.List("crops", ref Crops);
    }
}

/// <summary>A stage at one keep ratio, scale and region.</summary>
public sealed class MeasuredVariant : IControlMessage
{
    /// <summary>Before the name of a stage on crops. No option has such a name: what runs on crops comes with the boxes.</summary>
    public const string CropName = "crop:";

    /// <summary>The option's name; the path's where other variants have the same option.</summary>
    public string Name = "";

    public string Option = "", Stage = "";

    /// <summary>Milliseconds of each run: preprocessing, model and head. Those that failed are not numbers.</summary>
    public float[] Ms = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Text("option", ref Option);
        fields.Text("stage", ref Stage);
        fields.Numbers("ms", ref Ms);
    }
}

/// <summary>A way through the pack to an answer.</summary>
public sealed class MeasuredPath : IControlMessage
{
    public string Name = "";

    /// <summary>Places in the list of variants.</summary>
    public List<long> Variants = [];

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("name", ref Name);
        fields.Integers("variants", ref Variants);
    }
}

/// <summary>Asks to keep what was measured of a stream's pack beside its manifest, where the device looks when it loads the pack.</summary>
public sealed class CostsPutRequest : IControlMessage
{
    /// <summary>May be left out where there is one stream.</summary>
    public string Stream = "";

    /// <summary>What was measured, as the measurement told it: costs of anything else are not kept.</summary>
    public string ManifestSha256 = "", Provider = "";

    public int Threads;

    /// <summary>The heaviest path, and the median of all that runs on it.</summary>
    public string Path = "";

    public double PathMs;

    /// <summary>Every option of the pack that runs a stage, once.</summary>
    public List<OptionTimes> Options = [];

    public string Reason = "";

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Text("manifest_sha256", ref ManifestSha256);
        fields.Text("provider", ref Provider);
        fields.Integer("threads", ref Threads);
        fields.Text("path", ref Path);
        fields.Number("path_ms", ref PathMs);
        fields.List("options", ref Options);
        fields.Text("reason", ref Reason);
    }
}

/// <summary>What an option takes: preprocessing, model and head, in milliseconds.</summary>
public sealed class OptionTimes : IControlMessage
{
    public string Option = "";

    public double MsP50, MsP95;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("option", ref Option);
        fields.Number("ms_p50", ref MsP50);
        fields.Number("ms_p95", ref MsP95);
    }
}
