using System.Text.Json.Serialization;

namespace EdgeRoute.Documents.Calibrations;

/// <summary>
/// A calibration file as written: what was fitted for one pack on one owner's frames, what it costs on one device, and which floors are
/// certified.
/// </summary>
public sealed class CalibrationDocument
{
    /// <summary>Version of the format.</summary>
    public int Calibration { get; set; }

    public string Pack { get; set; } = "";

    public string ManifestSha256 { get; set; } = "";

    /// <summary>Where the frames came from, and the hash of everything that was swept.</summary>
    public string Source { get; set; } = "";

    public string FramesSha256 { get; set; } = "";

    public int FrameCount { get; set; }

    /// <summary>The path whose answers were taken for right, or "labels".</summary>
    public string Teacher { get; set; } = "";

    /// <summary>The pack's costliest path: what audits compare with.</summary>
    public string HeaviestPath { get; set; } = "";

    /// <summary>Confidences up to this far above a detection threshold were left out of the comparison.</summary>
    public double DoubtBand { get; set; }

    /// <summary>The device that the costs were measured on, and those costs by option name.</summary>
    public string Device { get; set; } = "";

    public List<CostPart> Costs { get; set; } = [];

    public List<NodePart> Nodes { get; set; } = [];

    /// <summary>Centres of the contexts in the features of the frame's node.</summary>
    public List<List<float>> Contexts { get; set; } = [];

    /// <summary>Quality and cost of the rule over the price grid, on frames that nothing was fitted to.</summary>
    public List<CurvePart> Curve { get; set; } = [];

    public List<FloorPart> Floors { get; set; } = [];

    public List<FitPart> Fits { get; set; } = [];

    public List<string> Warnings { get; set; } = [];

    /// <summary>
    /// Of each property above, by its name: the beginning of the SHA-256 of its JSON. A file without them is not checked.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Checksums { get; set; }

    /// <summary>Cost of running a stage variant, preprocessing and head included.</summary>
    public sealed class CostPart
    {
        public string Option { get; set; } = "";

        public float MsP50 { get; set; }

        public float MsP95 { get; set; }
    }

    /// <summary>What is known at one node of the route tree.</summary>
    public sealed class NodePart
    {
        public string Path { get; set; } = "";

        /// <summary>Quantiles of each signal, in the order of the signals.</summary>
        public List<SignalPart> Signals { get; set; } = [];

        public List<OptionPart> Options { get; set; } = [];
    }

    public sealed class SignalPart
    {
        public string Name { get; set; } = "";

        public List<float> Knots { get; set; } = [];
    }

    public sealed class OptionPart
    {
        public string Name { get; set; } = "";

        public List<PlanPart> Plans { get; set; } = [];
    }

    public sealed class PlanPart
    {
        public EstimatorPart Gain { get; set; } = new();

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public EstimatorPart? Onward { get; set; }
    }

    /// <summary>One of: constant (value), isotonic (feature, at, values), logistic (bias, weights), averaged (members, shares).</summary>
    public sealed class EstimatorPart
    {
        public string Kind { get; set; } = "";

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Value { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Feature { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<float>? At { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<float>? Values { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Bias { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<float>? Weights { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<EstimatorPart>? Members { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<float>? Shares { get; set; }
    }

    /// <summary>The rule at one price.</summary>
    public sealed class CurvePart
    {
        public double PricePerMs { get; set; }

        public double Quality { get; set; }

        public double Ms { get; set; }

        /// <summary>Share of frames, in [0, 1], whose answer came from the heaviest path's last stage; null in files without it.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? HeavyShare { get; set; }
    }

    /// <summary>A quality floor and the highest price that keeps it.</summary>
    public sealed class FloorPart
    {
        public double Floor { get; set; }

        public double Confidence { get; set; }

        /// <summary>Index into the curve; -1 where no price is certified.</summary>
        public int PriceIndex { get; set; }

        public string Reason { get; set; } = "";
    }

    /// <summary>How well one plan was fitted, out of sample.</summary>
    public sealed class FitPart
    {
        public string Path { get; set; } = "";

        public string Option { get; set; } = "";

        public int Plan { get; set; }

        public string Estimator { get; set; } = "";

        public double MeanGain { get; set; }

        public double Ece { get; set; }

        public double R2 { get; set; }

        public List<BinPart> Reliability { get; set; } = [];
    }

    /// <summary>A tenth of the frames: what was estimated for them, and what came out.</summary>
    public sealed class BinPart
    {
        public double Estimated { get; set; }

        public double Observed { get; set; }
    }
}
