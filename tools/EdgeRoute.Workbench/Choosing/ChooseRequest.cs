namespace EdgeRoute.Workbench.Choosing;

/// <summary>What is to be chosen from, judged on, and kept to.</summary>
/// <param name="Packs">Manifests or their folders.</param>
/// <param name="Source">Video, folder of pictures, recording, or simulated world.</param>
/// <param name="Constraints">What the chosen point has to keep; without one of quality, the best quality that keeps them is chosen, else
/// the cheapest.</param>
/// <param name="SweepOf">Folder in which the runs of a pack with so many threads are kept; with 0 what else is kept of it.</param>
public sealed record ChooseRequest(
    IReadOnlyList<string> Packs, string Source, IReadOnlyList<Constraint> Constraints, Func<string, int, string> SweepOf)
{
    /// <summary>Counts of threads that are tried; empty for 1 to the number of cores.</summary>
    public IReadOnlyList<int> Threads { get; init; } = [];

    /// <summary>Parts of the input's sides that are tried too, in (0, 1), where a model leaves the size of its input open.</summary>
    public IReadOnlyList<double> Scales { get; init; } = [];

    /// <summary>Of the frames, as <see cref="Playing.FrameLabels"/> reads them; null to take the teacher's answers for right.</summary>
    public string? Labels { get; init; }

    /// <summary>The pack whose costliest path is taken for right; null for the costliest of all.</summary>
    public string? Teacher { get; init; }

    /// <summary>Confidences up to this far above a detection threshold are left out of the comparison.</summary>
    public double DoubtBand { get; init; } = 0.1;

    public long FrameLimit { get; init; } = long.MaxValue;

    /// <summary>Of a folder of pictures; 0 for pictures that have nothing to do with each other.</summary>
    public double FramesPerSecond { get; init; }

    /// <summary>Its frames come one after the other, so that an answer to one says something of the next.</summary>
    public bool HasTime => FramesPerSecond > 0 || !Directory.Exists(Source);

    /// <summary>The ONNX Runtime library or its folder; null searches the usual places.</summary>
    public string? Library { get; init; }

    /// <summary>Every pack is run on every frame with every count of threads, as a proof of what is left out otherwise.</summary>
    public bool IsExhaustive { get; init; }

    /// <summary>Time that a run counts for, by pack, option, threads and what was measured; null for what was measured.</summary>
    public Func<string, string, int, float, float>? Clocking { get; init; }

    /// <summary>Mean power with a pack at work, by its manifest and threads; null for what is measured here.</summary>
    public Func<string, int, double?>? WattsOf { get; init; }
}
