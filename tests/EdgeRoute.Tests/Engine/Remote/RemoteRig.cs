using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Tests.Engine.Stages;
using EdgeRoute.Tests.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>The stages of the shapes pack, of which a server has some too, beside the same stages without a server.</summary>
internal sealed class RemoteRig : IDisposable
{
    private const int PatienceMs = 30_000;

    private readonly Pack _pack = PackRig.Shapes;
    private readonly RemoteEngines _engines;
    private readonly ConcurrentQueue<string> _told = new();

    public RemoteRig(int port, EngineUse use = EngineUse.Always, int timeoutMs = 5000, ConfigPath? caFile = null, string host = "127.0.0.1",
        IReadOnlyDictionary<string, string>? models = null, TensorForm form = TensorForm.Binary, string scheme = "http",
        int? jpegQuality = null)
    {
        var stages = models ?? ModelsOf(_pack).ToDictionary(m => m.Key, m => m.Key);
        var config = new EngineConfig("rack", $"{scheme}{(caFile is null ? "" : "s")}://{host}:{port}")
        {
            Use = use, TimeoutMs = timeoutMs, CaFile = caFile, Tensors = form, JpegQuality = jpegQuality,
            Stages = [.. stages.Select(s => new EngineStageConfig(s.Key, "shapes", s.Value, null))],
        };
        _engines = new RemoteEngines([config], timeoutMs, TimeProvider.System, (_, text) => _told.Enqueue(text));
        Tree = new RouteTree(_pack.Graph);
        Stages = new OnnxStageSet(_pack, Tree, OrtPlace.Environment, new OrtSessionRequest(), FirstRuns.UsualLimitMs, null,
            stage => _engines.Of("shapes", stage));
        Stages.WarmUp();
        Here = new OnnxStageSet(_pack, Tree, OrtPlace.Environment, new OrtSessionRequest());
        _engines.Start();
    }

    public RouteTree Tree { get; }

    public OnnxStageSet Stages { get; }

    /// <summary>The same without a server.</summary>
    public OnnxStageSet Here { get; }

    public EngineStatus Status => Assert.Single(_engines.Statuses());

    public IReadOnlyList<string> Told => [.. _told];

    /// <summary>The pack's model files by the names of their stages.</summary>
    public static Dictionary<string, string> ModelsOf(Pack pack) => pack.Stages.ToDictionary(s => s.Name, s => s.FilePath);

    /// <summary>Runs every stage on the same frame in both places; what they yield must be the same bits.</summary>
    public void RunAlike(int seed)
    {
        foreach (var variant in Tree.Variants)
        {
            RunAlike(seed, variant.Index);
        }
    }

    public void RunAlike(int seed, int variant)
    {
        if (Stages.FrameInput(variant) is not null)
        {
            Fill(MemoryMarshal.Cast<byte, float>(Stages.FrameTensor(variant)), seed);
            Stages.FrameTensor(variant).CopyTo(Here.FrameTensor(variant));
        }

        Stages.Run(variant);
        Here.Run(variant);
        if (Here.Head(variant) is not null)
        {
            Assert.Equal(Here.HeadTensors(variant).Values(0).ToArray(), Stages.HeadTensors(variant).Values(0).ToArray());
        }
    }

    /// <summary>Runs stages until something is so.</summary>
    /// <param name="variant">The only one to be run; null for all.</param>
    public void RunUntil(Func<EngineStatus, bool> holds, int? variant = null)
    {
        int seed = 0;
        Assert.True(SpinWait.SpinUntil(() =>
        {
            if (variant is { } only)
            {
                RunAlike(seed++, only);
            }
            else
            {
                RunAlike(seed++);
            }

            return holds(Status);
        }, PatienceMs), $"{Status.State}, {Status.RequestCount} requests, {Status.Fault}; told {string.Join(" | ", Told)}");
    }

    public void AwaitTold(string words) => Assert.True(SpinWait.SpinUntil(
        () => _told.Any(t => t.Contains(words, StringComparison.Ordinal)), PatienceMs), $"told: {string.Join(" | ", Told)}");

    public void Dispose()
    {
        Stages.Dispose();
        Here.Dispose();
        _engines.Dispose();
    }

    private static void Fill(Span<float> values, int seed)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ((i * 37) + seed) % 256;
        }
    }
}
