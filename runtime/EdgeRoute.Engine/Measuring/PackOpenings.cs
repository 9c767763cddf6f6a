using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Measuring;

/// <summary>
/// Opens several packs, one after the other, and closes none before the last: memory that one gives back would be lent to the next, and its
/// sessions would seem to take less than they do.
/// </summary>
public static class PackOpenings
{
    /// <param name="packs">Manifests or their folders, and the folders of their files; null for beside the manifest.</param>
    /// <param name="library">The ONNX Runtime library or its folder; null searches the usual places.</param>
    /// <returns>By pack and stage; what a session takes is its model's size at least.</returns>
    /// <exception cref="EngineRefusedException">The library or a pack cannot be used.</exception>
    public static IReadOnlyList<IReadOnlyList<StageOpening>> Measure(
        IReadOnlyList<(string Manifest, string? Files)> packs, string? library, EngineReporter report, CancellationToken cancel) =>
        EngineParts.Refusing(() => Open(packs, library, report, cancel));

    private static List<IReadOnlyList<StageOpening>> Open(
        IReadOnlyList<(string Manifest, string? Files)> packs, string? library, EngineReporter report, CancellationToken cancel)
    {
        var place = library is null ? null : new ConfigPath(library, Path.GetFullPath(library), PathNeed.FileOrFolder, default!);
        var parts = new EngineParts(RuntimeConfig.Default with { Library = place, ThreadCount = 1 },
            new Dictionary<string, SourceMaker>(), TimeProvider.System, report);
        using var environment = parts.OpenEnvironment();
        var opened = new List<OnnxStageSet>();
        try
        {
            var openings = new List<IReadOnlyList<StageOpening>>();
            // What the library takes for itself comes with the first session, and belongs to no pack.
            opened.Add(Open(PackReader.Read(packs[0].Manifest, packs[0].Files), environment, null));
            foreach (var (manifest, files) in packs)
            {
                cancel.ThrowIfCancellationRequested();
                var pack = PackReader.Read(manifest, files);
                var costs = new OpeningCosts(new SystemFiles(), TimeProvider.System);
                opened.AddRange(pack.Crops.Select(c => c.Pack).Prepend(pack).Select(p => Open(p, environment, costs)));
                openings.Add([.. pack.AllStages.Select(s => AtLeast(s, costs.Stages.First(o => o.Stage == s.Name)))]);
            }

            return openings;
        }
        finally
        {
            opened.ForEach(o => o.Dispose());
        }
    }

    private static OnnxStageSet Open(Pack pack, OrtEnvironment environment, OpeningCosts? costs)
    {
        new PackGraphs(pack).Require(environment);
        return new OnnxStageSet(pack, new RouteTree(pack.Graph), environment, new OrtSessionRequest(), FirstRuns.UsualLimitMs, costs);
    }

    private static StageOpening AtLeast(PackStage stage, StageOpening opening) => opening with
    {
        MemoryBytes = Math.Max(opening.MemoryBytes ?? 0, stage.WeightPaths.Append(stage.FilePath).Sum(f => new FileInfo(f).Length)),
    };
}
