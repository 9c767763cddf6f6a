using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Sources that come, go, and become others while the engine runs. A new one captures, and has to show a frame, before the loop is given
/// it; one that goes is ended after the loop has let go of it. So no other source waits for either.
/// </summary>
internal sealed class SourceControl(RunningEngine engine, ChangeControl changes, JournalFile journal)
{
    /// <summary>Who waits longer is better served by adding the source without waiting for it.</summary>
    private const double WaitSecondsMost = 60;

    private readonly SourceExchange _exchange = new(engine);
    private readonly SourceSaving _saving = new(engine);

    /// <summary>One call at a time, and none while packs are loaded or unloaded.</summary>
    /// <exception cref="RpcRefusedException">It cannot be done; nothing has changed then.</exception>
    public async Task<ChangeReply> Change(string method, SourceRequest request, ControlCaller caller, CancellationToken cancel)
    {
        var wish = WishOf(method, request);
        wish.IsToSave = request.IsSaved && _saving.Check(request.Name, wish.After, wish.Effects);
        var reply = new ChangeReply { Differences = wish.Differences };
        if (changes.InTheWay(request.Name, wantsTrial: true) is { } trial && request.IsDryRun)
        {
            wish.Effects.Add($"it would be refused now: {trial}");
        }

        using var staged = wish.After is null ? null : await Stage(wish, request, cancel).ConfigureAwait(false);
        reply.Effects = [.. EffectsOf(wish, request), .. wish.Effects];
        if (request.IsDryRun)
        {
            return reply;
        }

        var entry = EntryOf(method, request.Name, caller.ToString(), request.Trial is null ? "applied" : "on trial", request.Reason);
        entry.Differences = wish.Differences;
        reply.Trial = await changes.Carry(entry, request.Trial, () => Carry(wish, staged, entry), cancel).ConfigureAwait(false);
        (reply.IsApplied, reply.JournalNumber) = (true, entry.Number);
        _exchange.Retire(wish.Left);
        if (wish.IsToSave && request.Trial is null)
        {
            reply.Effects.Add(_saving.Save(wish.Name, wish.After));
        }

        return reply;
    }

    /// <summary>What is wanted, checked as far as nothing has to be opened for it.</summary>
    /// <param name="Leaving">Null for a source that comes anew.</param>
    /// <param name="After">Null for one that goes.</param>
    private sealed record Wish(string Name, LiveStream? Leaving, SourceConfig? After, List<SettingDifference> Differences)
    {
        public List<string> Effects { get; } = [];

        /// <summary>Where it stands among the streams, and comes back to.</summary>
        public required int Place { get; init; }

        /// <summary>The config file is to say so too.</summary>
        public bool IsToSave { get; set; }

        /// <summary>What has left in the end.</summary>
        public LiveStream? Left { get; set; }
    }

    private Wish WishOf(string method, SourceRequest request)
    {
        CheckNumbers(method, request);
        var config = engine.State.Config;
        var leaving = engine.State.Find(request.Name);
        if ((method == ControlMethod.SourceAdd) != (leaving is null))
        {
            throw leaving is not null
                ? new RpcRefusedException(RpcErrorCode.Conflict, $"there is a source '{request.Name}' already",
                    "take another name, or change that one: 'edgeroute source set'")
                : new RpcRefusedException(RpcErrorCode.NotFound, $"there is no source '{request.Name}'; there are "
                    + string.Join(", ", config.Sources.Select(s => s.Name)));
        }

        if (method == ControlMethod.SourceRemove)
        {
            CheckNotLast(leaving!);
            CheckNoLine(leaving!);
            return new Wish(request.Name, leaving, null, [DifferenceOf(leaving!.Setup.Source, null)]) { Place = PlaceOf(leaving) };
        }

        if (leaving is null && config.Sources.Count >= ConfigLimits.SourceCount)
        {
            throw new RpcRefusedException(RpcErrorCode.Limit, $"the device has {config.Sources.Count} sources; at most "
                + $"{ConfigLimits.SourceCount} are possible", "remove one first: 'edgeroute source remove'");
        }

        var before = leaving?.Setup.Source;
        string known = before is not null ? SourceText.Of(config, before) : OnlyPack(config);
        string text = known.Length == 0 ? request.Config : SourceText.Merge(known, request.Config);
        var reading = SourceText.Read(config, request.Name, text);
        var after = reading.Source ?? throw new RpcRefusedException(RpcErrorCode.BadRequest, string.Join("; ", reading.Problems),
            "keys are those of a source in a device config; a pack is loaded first ('edgeroute pack load')");
        CheckOutputs(after);
        List<SettingDifference> differences = before is null ? [DifferenceOf(null, after)]
            : [.. SourceText.Differences(config, before, after).Select(Told)];
        return differences.Count > 0 ? new Wish(request.Name, leaving, after, differences) { Place = PlaceOf(leaving) }
            : throw new RpcRefusedException(RpcErrorCode.BadRequest, $"source '{request.Name}': nothing changes, it is so already");
    }

    private int PlaceOf(LiveStream? leaving)
    {
        var live = engine.State.Live.ToList();
        return leaving is null ? live.Count : live.IndexOf(leaving);
    }

    /// <summary>Where there is one pack, a new source that names none means that.</summary>
    private static string OnlyPack(DeviceConfig config) => config.Packs.Count == 1 ? $"pack: {config.Packs[0].Name}\n" : "";

    private static void CheckNumbers(string method, SourceRequest request)
    {
        if (!(request.WaitSeconds is >= 0 and <= WaitSecondsMost))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                $"'wait_s' is {request.WaitSeconds}; give 0 (take it unseen) to {WaitSecondsMost} s");
        }

        ChangeControl.CheckTrial(request.Trial);
        if (method == ControlMethod.SourceRemove && request.Trial is { NeedsConfirmation: false })
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, "of a source that is gone nothing can be measured",
                "a removal is tried with 'needs_confirmation' ('--confirm')");
        }
    }

    private void CheckNotLast(LiveStream leaving)
    {
        if (engine.State.Live.Count == 1)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict,
                $"'{leaving.Stream.Name}' is the only source, and a run without any has ended",
                "add another first, change this one ('edgeroute source set'), or end the run ('edgeroute shutdown')");
        }
    }

    /// <summary>A line that is about one source would have no meaning without it, and the config would not start again.</summary>
    private void CheckNoLine(LiveStream leaving)
    {
        if (engine.State.Config.Gpio.Lines.FirstOrDefault(l => l.Source == leaving.Stream.Name) is { } line)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, $"GPIO line '{line.Name}' is about source '{leaving.Stream.Name}'",
                "change the source ('edgeroute source set'), or take both out of the config ('edgeroute config push --restart')");
        }
    }

    private void CheckOutputs(SourceConfig after)
    {
        if (engine.HasFixedStreams)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, "the run writes annotated frames of the sources it began with",
                "run without --annotate to add sources while running");
        }

        if (after.Audit?.KeepFolder is not null)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"source '{after.Name}': frames to label ('audit.keep_folder') are "
                + "kept for sources that the device starts with",
                "leave it out, or write it into the config and start again ('edgeroute config push --restart')");
        }
    }

    private async Task<StagedSource> Stage(Wish wish, SourceRequest request, CancellationToken cancel)
    {
        StagedSource? staged = null;
        try
        {
            staged = _exchange.Stage(wish.After!, wish.Leaving);
            staged.Start();
            string? why = request.WaitSeconds == 0 ? null
                : await staged.WaitForFrame(TimeSpan.FromSeconds(request.WaitSeconds), cancel).ConfigureAwait(false);
            return why is null ? staged : throw new RpcRefusedException(RpcErrorCode.Failed,
                $"source '{wish.Name}': {KnownSecrets.Hide(why)}; nothing was changed",
                wish.Leaving is null ? "look at the address; '--wait 0' takes it without having seen a frame"
                : "what only one may open is to be removed and added anew; '--wait 0' takes it without having seen a frame");
        }
        catch (EngineRefusedException refused)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, refused.Message);
        }
        catch
        {
            staged?.Dispose();
            throw;
        }
    }

    private List<string> EffectsOf(Wish wish, SourceRequest request)
    {
        var words = new List<string>();
        if (wish.After is { } after)
        {
            words.AddRange(PowerNeed.Unmet(after, engine.Board));
        }

        if (engine.Recordings.Open.Count > 0)
        {
            words.Add($"{engine.Recordings.Open.Count} open recording(s) go on in new files");
        }

        bool isLastAlive = wish.After is null && engine.State.Live.All(l => l == wish.Leaving || l.Stream.HasEnded);
        words.AddRange(isLastAlive ? ["the sources that stay have ended, so the run ends"] : []);
        words.AddRange(request.IsSaved ? [] : ["it lasts until the device starts again; 'save' writes it into the config file"]);
        return words;
    }

    private async Task<TrialSubject> Carry(Wish wish, StagedSource? staged, JournalEntry entry)
    {
        if (wish is { Leaving: { } old, After: not null } && !ReferenceEquals(engine.State.Find(old.Stream.Index)?.Setup, old.Setup))
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict, $"settings of stream {wish.Name} were changed meanwhile", "ask again");
        }

        wish.Left = await Exchange(wish.Leaving, staged, wish.Place).ConfigureAwait(false);
        Tell($"{entry.Who}: {string.Join(", ", wish.Differences.Select(d => $"{d.Name} {d.Before} -> {d.After}"))}", staged);
        return new TrialSubject(staged?.Setup.Index ?? -1, wish.Name, (outcome, reason) => TakeBack(wish, entry, outcome, reason))
        {
            Settle = wish.IsToSave ? () => _saving.Save(wish.Name, wish.After) : null,
        };
    }

    /// <summary>A source that comes back is not waited for: it is tried again and again, as it was before.</summary>
    private async Task TakeBack(Wish wish, JournalEntry made, string outcome, string reason)
    {
        var entry = EntryOf(made.Method, wish.Name, ChangeControl.Device, outcome, reason);
        entry.Differences = wish.Differences.ConvertAll(d => new SettingDifference { Name = d.Name, Before = d.After, After = d.Before });
        try
        {
            using var back = wish.Leaving is { } before ? _exchange.Stage(before.Setup.Source, engine.State.Find(wish.Name)) : null;
            back?.Start();
            _exchange.Retire(await Exchange(engine.State.Find(wish.Name), back, wish.Place).ConfigureAwait(false));
            Tell($"{entry.Who}: {outcome}", back);
        }
        catch (EngineRefusedException refused)
        {
            entry.Outcome = $"{outcome}; but what was before cannot be made again: {refused.Message}";
            engine.Reports.Warn($"source {wish.Name}: {entry.Outcome}");
        }

        journal.Note(entry);
    }

    private void Tell(string words, StagedSource? staged) => engine.Recordings.PushEvent(
        new RecordedEvent(engine.Clock.NowNs(), staged?.Setup.Index ?? -1, EventKind.CommandApplied, words));

    private async Task<LiveStream?> Exchange(LiveStream? leaving, StagedSource? coming, int place)
    {
        try
        {
            return await _exchange.Carry(leaving, coming, place).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, "the engine is stopping; nothing was changed");
        }
        catch (Exception failed) when (failed is EngineRefusedException or InvalidOperationException or ArgumentException)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"nothing was changed: {failed.Message}");
        }
    }

    private static SettingDifference Told(SourceDifference difference) => new()
    {
        Name = difference.Key, Before = AddressText.WithoutSecrets(difference.Before), After = AddressText.WithoutSecrets(difference.After),
    };

    private static SettingDifference DifferenceOf(SourceConfig? before, SourceConfig? after) =>
        new() { Name = "source", Before = InShort(before), After = InShort(after) };

    private static string InShort(SourceConfig? source) => source is null ? "none"
        : $"{AddressText.OfSource(source.Address.Text)} (pack {source.PackName}, policy {source.Policy.Name}, take "
            + $"{ConfigEnums.Of(ConfigEnums.Takes, source.Take)})";

    private JournalEntry EntryOf(string method, string stream, string who, string outcome, string reason) => new()
    {
        UtcNs = engine.Clock.UtcNs(), Who = who, Method = method, Stream = stream, Outcome = outcome, Reason = reason,
    };
}
