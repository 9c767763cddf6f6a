using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Engine.Sweeping;

/// <summary>What is to be swept, and with what.</summary>
/// <param name="ManifestPath">The pack's manifest or its folder.</param>
/// <param name="FilesFolder">Where the pack's model files are; null for beside the manifest.</param>
/// <param name="Source">Video, folder of pictures, recording, or an address such as <c>sim://tabletop?frames=900</c>.</param>
/// <param name="FramesPerSecond">For a folder of pictures: the times its frames are given; 0 for pictures that have nothing to do with each
/// other.</param>
/// <param name="LibraryPath">The ONNX Runtime library or its folder; null searches the usual places.</param>
/// <param name="ThreadCount">Threads of the sessions; 0 lets the library choose. Costs are measured with these.</param>
/// <param name="Schemes">Makers of sources that other parts bring, by scheme.</param>
public sealed record SweepRequest(
    string ManifestPath, string? FilesFolder, string Source, double FramesPerSecond, string? LibraryPath, int ThreadCount,
    IReadOnlyDictionary<string, SourceMaker> Schemes)
{
    /// <summary>A source that gives neither a frame nor an end for so long is broken; disks that sleep and long seeks take less.</summary>
    internal TimeSpan SilenceMost { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every frame, as fast as it is swept.</summary>
    internal SourceOptions CaptureOptions => new() { Pace = SourcePace.AsTaken, FramesPerSecond = FramesPerSecond,
        Delivery = DeliveryMode.EveryFrame };
}
