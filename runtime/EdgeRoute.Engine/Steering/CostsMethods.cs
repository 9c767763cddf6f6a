using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Keeps what was measured of a loaded pack beside its manifest. Costs decide how many threads the next start takes and what routes are
/// thought to cost, so that only those of what runs now are kept, whole and plausible.
/// </summary>
/// <param name="find">Finds a stream by its name.</param>
internal sealed class CostsMethods(RunningEngine engine, Func<string, LiveStream> find, JournalFile journal)
{
    /// <summary>A stage of minutes is none that a stream could run.</summary>
    private const double MsMost = 600_000;

    private readonly SemaphoreSlim _one = new(1);

    public void AddTo(MethodTable table) => table.Add<CostsPutRequest>(ControlMethod.CostsPut, ControlRole.Operator,
        async (request, caller, cancel) => await Put(request, caller, cancel).ConfigureAwait(false));

    private async Task<IControlMessage> Put(CostsPutRequest request, ControlCaller caller, CancellationToken cancel)
    {
        var setup = find(request.Stream).Setup;
        CheckOrigin(request, setup.Source.Name, setup.Pack);
        CheckFigures(request, setup.Pack);
        await _one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            string path = MeasuredCosts.PathBeside(setup.Pack.Pack.ManifestPath);
            var entry = new JournalEntry
            {
                Who = caller.ToString(), Method = ControlMethod.CostsPut, Stream = setup.Source.Name, Reason = request.Reason,
                Outcome = $"costs of pack {setup.Pack.Pack.Name} with {request.Provider} and threads: {request.Threads} kept in {path}",
            };
            await journal.Make(entry, () => Task.FromResult(Keep(request, setup.Pack.Pack))).ConfigureAwait(false);
            engine.Reports.Note($"{caller.Name} had the measured costs of pack {setup.Pack.Pack.Name} kept in {path}; it begins with them "
                + "when it is loaded next");
            return new DoneReply { Text = $"kept in {path} on the device, which begins with these costs when it loads the pack next" };
        }
        finally
        {
            _one.Release();
        }
    }

    private static void CheckOrigin(CostsPutRequest request, string stream, LoadedPack pack)
    {
        if (request.ManifestSha256 != pack.Pack.ManifestSha256 || HashOnDisk(pack.Pack) != pack.Pack.ManifestSha256)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, $"stream {stream} runs another pack than the one that was measured, or "
                + $"its manifest '{pack.Pack.ManifestPath}' has changed since it was loaded", "load it again, and measure anew");
        }

        if (pack.ThreadCount == 0 || pack.Provider is null)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, "the device leaves its count of threads or its provider to the "
                + "library, so that costs have no place", "give 'runtime.threads' in its config");
        }

        if (request.Threads != pack.ThreadCount || !string.Equals(request.Provider, pack.Provider, StringComparison.OrdinalIgnoreCase))
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, $"these are costs with {request.Provider} and threads: {request.Threads}; "
                + $"the device runs with {pack.Provider} and threads: {pack.ThreadCount}", "measure anew");
        }
    }

    private static void CheckFigures(CostsPutRequest request, LoadedPack pack)
    {
        string[] wanted = [.. pack.Tree.Nodes.SelectMany(n => n.Options).Where(o => o.VariantIndex >= 0).Select(o => o.Name).Distinct()
            .Order(StringComparer.Ordinal)];
        string? fault = null;
        if (!request.Options.Select(o => o.Option).Order(StringComparer.Ordinal).SequenceEqual(wanted))
        {
            fault = $"'options' has {string.Join(", ", request.Options.Select(o => o.Option))}; each of {string.Join(", ", wanted)} is "
                + "needed once";
        }
        else if (request.Options.Find(o => !(o.MsP50 >= 0 && o.MsP95 >= o.MsP50 && o.MsP95 <= MsMost)) is { } odd)
        {
            fault = FormattableString.Invariant($"'options' tells {odd.MsP50} ms and {odd.MsP95} ms at p95 of '{odd.Option}'; times are ")
                + FormattableString.Invariant($"0 to {MsMost} ms, and p95 is no less than the median");
        }
        else if (!(request.PathMs is > 0 and <= MsMost) || pack.Tree.FindPath(request.Path) is not { VariantIndex: >= 0 })
        {
            fault = FormattableString.Invariant($"'path' is '{request.Path}' with {request.PathMs} ms; paths are ")
                + string.Join(", ", pack.Tree.PathNames);
        }

        if (fault is not null)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, fault);
        }
    }

    private bool Keep(CostsPutRequest request, Pack pack)
    {
        var run = new ThreadCosts
        {
            Threads = request.Threads, PathMs = (float)request.PathMs,
            Options = request.Options.ConvertAll(o => new OptionCost(o.Option, (float)o.MsP50, (float)o.MsP95)),
        };
        var machine = new MachineCosts
        {
            Device = Environment.MachineName, ManifestSha256 = pack.ManifestSha256, Provider = request.Provider, Threads = request.Threads,
            Measured = DateTimeOffset.FromUnixTimeSeconds(engine.Clock.GetUtcNow().ToUnixTimeSeconds()),
            Spin = engine.State.Config.Runtime.Spin, Path = request.Path, Runs = [run],
        };
        try
        {
            var costs = MeasuredCosts.ReadBeside(pack.ManifestPath) ?? new MeasuredCosts { Pack = pack.Name };
            costs.With(machine).WriteBeside(pack.ManifestPath);
            return true;
        }
        catch (InvalidDataException damaged)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, damaged.Message);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"'{MeasuredCosts.PathBeside(pack.ManifestPath)}' cannot be written: "
                + refused.Message, "the service needs write access to the pack's folder (systemd: ReadWritePaths=); or store it with "
                + "'edgeroute pack measure --into', and copy it");
        }
    }

    private static string HashOnDisk(Pack pack)
    {
        try
        {
            return PackReader.Sha256Of(DocumentFile.Read(pack.ManifestPath, PackReader.ManifestLimitBytes));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
