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
    }
}

/// <summary>A stage at one keep ratio, scale and region.</summary>
public sealed class MeasuredVariant : IControlMessage
{
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
