using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Engine.Preprocess;
using EdgeRoute.Engine.Remote;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// What a start would refuse, as far as files and addresses show it: packs and the graphs of their models are read, sources are made,
/// policies are fitted to their packs. No model and no source is opened.
/// </summary>
public static class StartCheck
{
    /// <param name="doubt">Told of what a start would warn of.</param>
    /// <returns>In words, each with the name of its pack or source; empty where a start can begin.</returns>
    public static IReadOnlyList<string> Problems(DeviceConfig config, IReadOnlyDictionary<string, SourceMaker> schemes,
        Action<string>? doubt = null)
    {
        var problems = new List<string>();
        if (config.Runtime.KernelName != RuntimeConfig.AutoKernel)
        {
            Try(problems, () => PreprocessKernels.ByName(config.Runtime.KernelName));
        }

        var packs = new Dictionary<string, Pack>(StringComparer.Ordinal);
        foreach (var pack in config.Packs)
        {
            Try(problems, () => packs[pack.Name] = PackReader.Read(pack.Manifest.Full, pack.Files?.Full));
            if (packs.TryGetValue(pack.Name, out var read))
            {
                problems.AddRange(RemoteEngines.Problems(config.Engines, pack.Name, read));
                foreach (var part in read.Crops.Select(c => c.Pack).Prepend(read))
                {
                    Try(problems, () => CheckGraphs(config.Runtime, pack.Name, part, doubt ?? (_ => { })));
                }
            }
        }

        var factory = SourceFactory.With(schemes, TimeProvider.System, _ => { });
        foreach (var source in config.Sources)
        {
            if (!factory.TryMake(source.Address.FactoryText, source.CaptureOptions, out var made, out string problem))
            {
                problems.Add($"source '{source.Name}': {problem}");
                continue;
            }

            using (made)
            {
                if (made.FindProblem() is { } later)
                {
                    problems.Add($"source '{source.Name}': {later}");
                }

                Try(problems, () => Fit(source, made, packs.GetValueOrDefault(source.PackName), config));
            }
        }

        string[] labels = [.. packs.Values.SelectMany(p => p.Labels).Distinct()];
        problems.AddRange(packs.Count == config.Packs.Count ? EngineOutputs.UnknownClasses(config, labels) : []);
        return problems;
    }

    /// <summary>The same of one pack that no config names yet.</summary>
    /// <param name="library">The ONNX Runtime library or its folder; null searches the usual places.</param>
    public static IReadOnlyList<string> ProblemsOfPack(string manifest, string? files, string? library, Action<string> doubt)
    {
        var place = library is null ? null : new ConfigPath(library, Path.GetFullPath(library), PathNeed.FileOrFolder, default!);
        var problems = new List<string>();
        Try(problems, () =>
        {
            var pack = PackReader.Read(manifest, files);
            foreach (var part in pack.Crops.Select(c => c.Pack).Prepend(pack))
            {
                Try(problems, () => CheckGraphs(RuntimeConfig.Default with { Library = place }, pack.Name, part, doubt));
            }
        });
        return problems;
    }

    private static void CheckGraphs(RuntimeConfig runtime, string name, Pack pack, Action<string> doubt)
    {
        var graphs = new PackGraphs(pack);
        using var environment = graphs.AskLibrary ? Library(runtime, name, doubt) : null;
        graphs.Require(environment);
        foreach (string text in graphs.Doubts())
        {
            doubt($"pack {name}, {text}");
        }
    }

    /// <summary>Null where there is none, which a start would refuse by itself.</summary>
    private static OrtEnvironment? Library(RuntimeConfig runtime, string name, Action<string> doubt)
    {
        try
        {
            var parts = new EngineParts(runtime, new Dictionary<string, SourceMaker>(), TimeProvider.System, (_, _) => { });
            return parts.OpenEnvironment();
        }
        catch (OrtLibraryNotFoundException)
        {
            doubt($"pack {name} has models of a new operator set, and no ONNX Runtime library was found that could be asked whether it "
                + "takes them");
            return null;
        }
    }

    /// <param name="pack">Null where it is refused itself.</param>
    private static void Fit(SourceConfig source, IFrameSource made, Pack? pack, DeviceConfig config)
    {
        if (source.IsIsolated)
        {
            EngineParts.CheckIsolated(source.Name, made);
        }

        if (pack is not null)
        {
            StreamBuilder.Check(source, pack, new RouteTree(pack.Graph), new SourceTells(made.TellsState || source.State is not null,
                made.TellsInstruction || source.State is { TellsInstruction: true }, made is IActuator), config);
        }
    }

    private static void Try(List<string> problems, Action part)
    {
        try
        {
            part();
        }
        catch (Exception refused) when (refused is PackRefusedException or EngineRefusedException or ArgumentException)
        {
            problems.Add(refused.Message);
        }
    }
}
