using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Capture;

namespace EdgeRoute.Engine.Measuring;

/// <summary>What is to be measured, and with what.</summary>
/// <param name="Manifest">The pack's manifest or its folder.</param>
/// <param name="FilesFolder">Where the pack's model files are; null for beside the manifest.</param>
/// <param name="SourceOf">The address of the frames that a pack is measured on.</param>
/// <param name="Library">The ONNX Runtime library or its folder; null searches the usual places.</param>
/// <param name="Providers">Execution providers, as in a device config; empty for all that the library has.</param>
/// <param name="Threads">Counts of threads; empty for all up to the number of cores.</param>
/// <param name="Spins">With spinning threads too.</param>
/// <param name="Schemes">Makers of sources that other parts bring, by scheme.</param>
public sealed record MeasureRequest(
    string Manifest, string? FilesFolder, Func<Pack, string> SourceOf, string? Library, IReadOnlyList<string> Providers,
    IReadOnlyList<int> Threads, bool Spins, IReadOnlyDictionary<string, SourceMaker> Schemes)
{
    /// <summary>Up to so many threads each count is measured; beyond, counts grow by about a third.</summary>
    private const int EachUpTo = 8;

    /// <summary>In the order in which they are opened.</summary>
    internal IReadOnlyList<RunSetting> SettingsOf(string provider, int coreCount)
    {
        // An accelerator builds an engine for each session, which takes minutes, and leaves the processor's threads little to do.
        IReadOnlyList<int> usual = provider == ProviderConfig.Cpu ? CountsUpTo(coreCount) : [1];
        bool[] spins = Spins ? [false, true] : [false];
        return [.. from spin in spins
                   from count in Threads.Count > 0 ? Threads : usual
                   where !spin || count > 1
                   select new RunSetting(provider, count, spin)];
    }

    /// <summary>1 to the number of cores, which is always among them.</summary>
    internal static IReadOnlyList<int> CountsUpTo(int coreCount)
    {
        var counts = new List<int>();
        for (int count = 1; count < coreCount; count = count < EachUpTo ? count + 1 : count * 4 / 3)
        {
            counts.Add(count);
        }

        return [.. counts, coreCount];
    }
}

/// <summary>One way of running a pack's stages.</summary>
/// <param name="Provider">As a device config names it.</param>
/// <param name="ThreadCount">The caller's included.</param>
/// <param name="Spin">Idle threads spin while a run lasts.</param>
public sealed record RunSetting(string Provider, int ThreadCount, bool Spin);
