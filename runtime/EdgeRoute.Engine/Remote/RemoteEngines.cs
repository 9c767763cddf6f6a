using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Engine.Remote;

/// <summary>The engines of a config.</summary>
internal sealed class RemoteEngines : IDisposable
{
    private readonly List<RemoteEngine> _engines;

    public RemoteEngines(IReadOnlyList<EngineConfig> configs, double limitMs, TimeProvider clock, Action<ReportLevel, string> say) =>
        (Configs, _engines) = (configs, [.. configs.Select(c => new RemoteEngine(c, limitMs, clock, say))]);

    public static RemoteEngines None { get; } = new([], 0, TimeProvider.System, (_, _) => { });

    public IReadOnlyList<EngineConfig> Configs { get; }

    /// <summary>Begins to look for all of them.</summary>
    public void Start()
    {
        _engines.ForEach(e => e.Start());
        _engines.ForEach(e => e.AwaitLook());
    }

    /// <summary>What engines are to run of a pack that it has not.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<EngineConfig> engines, string name, Pack pack) =>
        from engine in engines
        from stage in engine.Stages
        where stage.Pack == name && !pack.Stages.Any(s => s.Name == stage.Stage)
        select pack.Crops.Any(c => c.Stage.Name == stage.Stage)
            ? $"engine '{engine.Name}': stage '{stage.Stage}' of pack '{name}' looks at crops and runs on this machine; take it out"
            : $"engine '{engine.Name}': pack '{name}' has no stage '{stage.Stage}'"
                + NearestName.Hint(stage.Stage, pack.Stages.Select(s => s.Name));

    /// <summary>Null where a stage runs on this machine alone.</summary>
    public RemoteStage? Of(string pack, string stage)
    {
        for (int i = 0; i < Configs.Count; i++)
        {
            if (Configs[i].Stages.FirstOrDefault(s => s.Pack == pack && s.Stage == stage) is { } found)
            {
                return new RemoteStage(_engines[i], found);
            }
        }

        return null;
    }

    public IReadOnlyList<EngineStatus> Statuses() => [.. _engines.Select(e => e.Status())];

    public void Dispose() => _engines.ForEach(e => e.Dispose());
}

/// <summary>A stage and the engine that has it.</summary>
internal sealed record RemoteStage(RemoteEngine Engine, EngineStageConfig Config);
