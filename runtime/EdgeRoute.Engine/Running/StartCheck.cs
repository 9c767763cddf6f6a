using EdgeRoute.Core.Graphs;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Preprocess;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// What a start would refuse, as far as files and addresses show it: packs are read, sources are made, policies are fitted to their packs.
/// Nothing is opened.
/// </summary>
public static class StartCheck
{
    /// <returns>In words, each with the name of its pack or source; empty where a start can begin.</returns>
    public static IReadOnlyList<string> Problems(DeviceConfig config, IReadOnlyDictionary<string, SourceMaker> schemes)
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

                Try(problems, () => Fit(source, made, packs.GetValueOrDefault(source.PackName)));
            }
        }

        return problems;
    }

    /// <param name="pack">Null where it is refused itself.</param>
    private static void Fit(SourceConfig source, IFrameSource made, Pack? pack)
    {
        if (source.IsIsolated)
        {
            EngineParts.CheckIsolated(source.Name, made);
        }

        if (pack is not null)
        {
            StreamBuilder.Check(source, pack, new RouteTree(pack.Graph), made.TellsState);
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
