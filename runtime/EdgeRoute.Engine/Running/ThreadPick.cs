using System.Globalization;
using EdgeRoute.Core.Costs;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Documents.Packs;

namespace EdgeRoute.Engine.Running;

/// <summary>
/// How many threads the models of a device config get, and why: as the config says; else as <c>edgeroute measure</c> found for this
/// machine. All packs share one pool, so that one pack that was not measured leaves the choice to the library.
/// </summary>
/// <param name="Count">0: the library takes one per physical core.</param>
public sealed record ThreadPick(int Count, string Reason)
{
    /// <param name="machine">This machine's name, by which profiles are kept.</param>
    public static ThreadPick Of(DeviceConfig config, string machine)
    {
        if (config.Runtime.ThreadCount is { } given)
        {
            return new ThreadPick(given, given == 0 ? "one per core, as runtime.threads: 0 says" : $"{given}, as runtime.threads says");
        }

        var found = new List<Profile>();
        foreach (var pack in config.Packs)
        {
            if (Find(pack, config.Runtime, machine, out string why) is not { } costs)
            {
                return new ThreadPick(0, $"one per core: pack '{pack.Name}' {why}");
            }

            found.Add(new Profile(pack.Name, costs.Times));
        }

        int count = ThreadChoice.Of(found.ConvertAll(f => f.Times));
        return count == 0 ? new ThreadPick(0, "one per core: no count of threads was measured with all packs")
            : new ThreadPick(count, string.Create(CultureInfo.InvariantCulture,
                $"{count}, measured on '{machine}': {string.Join("; ", found.Select(f => Words(f, count)))}"));
    }

    private sealed record Profile(string Pack, IReadOnlyList<ThreadTime> Times);

    /// <summary>Of the first provider of the config that was measured: those before it are not on this machine.</summary>
    private static MachineCosts? Find(PackConfig pack, RuntimeConfig runtime, string machine, out string why)
    {
        why = "";
        try
        {
            foreach (string provider in runtime.Providers.Select(p => p.Name))
            {
                if (MeasuredCosts.Find(pack.Manifest.Full, machine, provider, runtime.Spin, out why) is { } costs)
                {
                    return costs;
                }
            }
        }
        catch (Exception refused) when (refused is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            why = $"cannot be looked at: {refused.Message}";
        }

        return null;
    }

    private static string Words(Profile pack, int count)
    {
        var best = pack.Times.Where(t => t.Ms > 0).MinBy(t => t.Ms);
        float ms = pack.Times.First(t => t.ThreadCount == count).Ms;
        string rest = best.ThreadCount == count ? ", its best" : string.Create(CultureInfo.InvariantCulture,
            $" (best {best.Ms:0.00} ms with {best.ThreadCount})");
        return string.Create(CultureInfo.InvariantCulture, $"the heaviest path of pack '{pack.Pack}' takes {ms:0.00} ms{rest}");
    }
}
