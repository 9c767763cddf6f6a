using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// What a start would refuse, as far as files and addresses show it: packs are read, sources are made. Nothing is opened.
/// </summary>
public static class StartCheck
{
    /// <returns>In words, each with the name of its pack or source; empty where a start can begin.</returns>
    public static IReadOnlyList<string> Problems(DeviceConfig config, IReadOnlyDictionary<string, SourceMaker> schemes)
    {
        var problems = new List<string>();
        foreach (var pack in config.Packs)
        {
            try
            {
                PackReader.Read(pack.Manifest.Full, pack.Files?.Full);
            }
            catch (PackRefusedException refused)
            {
                problems.Add(refused.Message);
            }
        }

        var factory = SourceFactory.With(schemes, TimeProvider.System, _ => { });
        foreach (var source in config.Sources)
        {
            if (!factory.TryMake(source.Address.FactoryText, source.CaptureOptions, out var made, out string problem))
            {
                problems.Add($"source '{source.Name}': {problem}");
            }
            else if (made.FindProblem() is { } later)
            {
                problems.Add($"source '{source.Name}': {later}");
            }

            made?.Dispose();
        }

        return problems;
    }
}
