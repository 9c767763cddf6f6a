using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Board;
using EdgeRoute.Engine.Doctor;
using EdgeRoute.Engine.Loop;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.Protocol.Tracing;

namespace EdgeRoute.Engine.Steering;

/// <summary>Methods that see and change the running engine.</summary>
internal sealed class SteeringMethods(RunningEngine engine, EngineSteering steering, JournalFile journal)
{
    private readonly ConfigControl _config = new(engine.State.Config.FilePath);
    private readonly SourceControl _sources = new(engine, steering.Changes, journal);

    /// <summary>Loading opens sessions, which takes memory and processor time: one at a time.</summary>
    private readonly SemaphoreSlim _loading = new(1);
    private readonly WorkPace _reading = new(TimeProvider.System);

    public void AddTo(MethodTable table)
    {
        const string Viewer = ControlRole.Viewer, Operator = ControlRole.Operator, Admin = ControlRole.Admin;
        table.Add<NoParameters>(ControlMethod.Describe, Viewer, (_, _, _) => Now(steering.Describe(table.Names)));
        table.Add<StreamRequest>(ControlMethod.Curve, Viewer, (request, _, _) => Now(CurveOf(request.Stream)));
        table.Add<TraceRequest>(ControlMethod.TraceGet, Viewer, (request, _, _) => Now(TraceOf(request)));
        table.Add<NoParameters>(ControlMethod.Trial, Viewer, (_, _, _) => Now(LastTrial()));
        table.Add<ConfigRequest>(ControlMethod.ConfigGet, Viewer,
            (request, caller, _) => Now(_config.Read(engine.State.Config, request.IsEffective, caller)));
        table.Add<NoParameters>(ControlMethod.Packs, Viewer, (_, _, _) => Now(new PackList { Packs = steering.Packs() }));
        table.Add<NoParameters>(ControlMethod.Doctor, Viewer, async (_, _, cancel) => await Task.Run(Doctor, cancel).ConfigureAwait(false));
        table.Add<ChangeRequest>(ControlMethod.Change, Operator,
            async (request, caller, cancel) => await steering.Changes.Change(request, caller, cancel).ConfigureAwait(false));
        table.Add<NoParameters>(ControlMethod.TrialKeep, Operator,
            async (_, caller, _) => await steering.Changes.Keep(caller).ConfigureAwait(false));
        table.Add<NoParameters>(ControlMethod.TrialCancel, Operator,
            async (_, caller, _) => await steering.Changes.Cancel(caller).ConfigureAwait(false));
        table.Add<ConfigPutRequest>(ControlMethod.ConfigPut, Admin,
            async (request, caller, cancel) => await PutConfig(request, caller, cancel).ConfigureAwait(false));
        table.Add<PackLoadRequest>(ControlMethod.PackLoad, Admin,
            async (request, caller, cancel) => await LoadPack(request, caller, cancel).ConfigureAwait(false));
        table.Add<NamedRequest>(ControlMethod.PackUnload, Admin,
            async (request, caller, _) => await UnloadPack(request.Name, caller).ConfigureAwait(false));
        foreach (string method in new[] { ControlMethod.SourceAdd, ControlMethod.SourceSet, ControlMethod.SourceRemove })
        {
            table.Add<SourceRequest>(method, Admin,
                async (request, caller, cancel) => await ChangeSource(method, request, caller, cancel).ConfigureAwait(false));
        }

        table.Add<StreamRequest>(ControlMethod.SourceRestart, Operator, (request, caller, _) => Now(RestartSource(request.Stream, caller)));
        table.Add<StreamRequest>(ControlMethod.EpisodeBegin, Operator, (request, _, _) => Now(BeginEpisode(request.Stream)));
        table.Add<ShutdownRequest>(ControlMethod.Shutdown, Operator, (request, caller, _) => Now(Shutdown(request, caller)));
    }

    private static ValueTask<IControlMessage?> Now(IControlMessage reply) => ValueTask.FromResult<IControlMessage?>(reply);

    private TrialStatus LastTrial() => steering.Changes.LastTrial
        ?? throw new RpcRefusedException(RpcErrorCode.NotFound, "there was no trial");

    private CalibrationCurve CurveOf(string name)
    {
        var stream = steering.Changes.Find(name).Stream;
        return stream.Parts.Calibration is { } calibration ? CurveWriter.Of(stream.Name, calibration, stream.Router.Costs.Pace)
            : throw new RpcRefusedException(RpcErrorCode.Unavailable,
                $"stream {stream.Name} decides by '{stream.Router.Policy.Name}', which has no calibration",
                "make one with 'edgeroute calibrate', then set the policy to 'value'");
    }

    private TraceReply TraceOf(TraceRequest request)
    {
        var stream = steering.Changes.Find(request.Stream).Stream;
        var (index, name) = (stream.Index, stream.Name);
        TraceRecord record = default;
        bool isFound = request.Sequence is { } sequence ? steering.Watch.TryFind(index, sequence, ref record)
            : steering.Watch.TryPick(index, PickOf(request.Pick), ref record);
        if (!isFound)
        {
            string problem = request.Sequence is { } missing
                ? $"frame {missing} of stream {name} is not among the latest that the device remembers"
                : $"no frame of stream {name} fits '{request.Pick}'";
            throw new RpcRefusedException(RpcErrorCode.NotFound, problem, "record to keep more: 'edgeroute record start'");
        }

        return new TraceReply { Stream = name, Sequence = record.Stamp.Sequence, Recording = RecordingOf(record, stream) };
    }

    /// <summary>One trace with everything that its indices refer to, and the rules that are on since before it.</summary>
    private byte[] RecordingOf(TraceRecord record, FrameStream stream)
    {
        using var file = new MemoryStream();
        var plans = engine.State.Plans().ToList();
        int place = plans.FindIndex(p => p.Index == stream.Index);
        if (place < 0)
        {
            throw new RpcRefusedException(RpcErrorCode.NotFound, "the stream was removed just now");
        }

        var session = engine.Recordings.SessionOf(plans) with { StartNs = steering.StartNs, UtcNs = steering.StartUtcNs };
        var writer = new RecordWriter(file, session);
        record.Stamp = record.Stamp with { SourceIndex = place };
        foreach (var rule in (stream.Parts.Rules?.Rules ?? []).Where(r => r.Rule.IsOn && r.Rule.ChangedNs < record.Stamp.SourceNs))
        {
            writer.WriteEvent(new RecordedEvent(record.Stamp.CaptureNs - 1, place, EventKind.Rule, rule.OnText));
        }

        writer.WriteTrace(record);
        var ends = default(EndTally).With(record.End);
        writer.WriteEnd(new SessionEnd(engine.Clock.NowNs(), 0, 0, 0, [.. plans.Select((_, i) => i == place ? ends.Settled() : default)]));
        return file.ToArray();
    }

    private static TracePick PickOf(string word) => word switch
    {
        "last" => TracePick.Last,
        "late" => TracePick.Late,
        "slowest" => TracePick.Slowest,
        _ => throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'pick' is '{word}'; write last, late or slowest"),
    };

    private JsonReply Doctor()
    {
        string version = typeof(SteeringMethods).Assembly.GetName().Version?.ToString(3) ?? "";
        return new JsonReply { Json = DoctorProbes.Run(DoctorNeeds.Of(engine.State.Config), new SystemFiles("/"), version).ToJson() };
    }

    private string? FindProblem(DeviceConfig config) =>
        ConfigTrial.FindProblem(config, engine.State.Config.Control, engine.State.Config.Outputs, engine.TryBuild);

    private async Task<IControlMessage> PutConfig(ConfigPutRequest request, ControlCaller caller, CancellationToken cancel)
    {
        await _reading.Enter(_loading, cancel).ConfigureAwait(false);
        try
        {
            var (reply, config) = _reading.Do(() => _config.Check(request));
            if (config is not null && await Task.Run(() => FindProblem(config), cancel).ConfigureAwait(false) is { } why)
            {
                reply.Problems.Add($"{config.FilePath}: it reads well and cannot be started: {why}");
                return reply;
            }

            if (config is null || request.IsDryRun)
            {
                return reply;
            }

            string effect = request.Restarts ? "written, and started again with it" : "written; in force from the next start";
            await journal.Make(EntryOf(caller, ControlMethod.ConfigPut, "", effect, request.Reason),
                () => Task.FromResult(_config.Replace(request, reply))).ConfigureAwait(false);
            if (request.Restarts)
            {
                engine.AskRestart();
            }

            return reply;
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task<IControlMessage> ChangeSource(string method, SourceRequest request, ControlCaller caller, CancellationToken cancel)
    {
        await _loading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await _sources.Change(method, request, caller, cancel).ConfigureAwait(false);
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task<IControlMessage> LoadPack(PackLoadRequest request, ControlCaller caller, CancellationToken cancel)
    {
        await _loading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (request.Name.Length == 0 || engine.State.Packs.ContainsKey(request.Name)
                || engine.State.Packs.Count >= ConfigLimits.PackCount)
            {
                throw new RpcRefusedException(RpcErrorCode.Conflict,
                    $"a pack cannot be loaded as '{request.Name}': a name of its own is needed, and at most "
                    + $"{ConfigLimits.PackCount} packs are loaded at once (now {string.Join(", ", engine.State.Packs.Keys)})");
            }

            var config = new PackConfig(request.Name, PathOf(request.ManifestPath),
                request.FilesFolder is { } files ? PathOf(files) : null);
            var entry = EntryOf(caller, ControlMethod.PackLoad, "", $"loaded {config.Name} from {config.Manifest.Full}", "");
            await journal.Make(entry, async () =>
            {
                var pack = await Task.Run(() => engine.LoadPack(config.Name, config.Manifest.Full, config.Files?.Full),
                    cancel).ConfigureAwait(false);
                try
                {
                    await engine.Boundary.Run(() => engine.State.Add(config, pack)).ConfigureAwait(false);
                }
                catch
                {
                    pack.Dispose();
                    throw;
                }

                return pack;
            }).ConfigureAwait(false);
            return new PackList { Packs = [.. steering.Packs().Where(p => p.Name == request.Name)] };
        }
        catch (EngineRefusedException refused)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, refused.Message);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Relative to the config file, as in the config.</summary>
    private ConfigPath PathOf(string written) =>
        new(written, Path.GetFullPath(written, Path.GetDirectoryName(Path.GetFullPath(engine.State.Config.FilePath))!),
            PathNeed.FileOrFolder, default!);

    private async Task<IControlMessage> UnloadPack(string name, ControlCaller caller)
    {
        await _loading.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!engine.State.Packs.ContainsKey(name))
            {
                throw new RpcRefusedException(RpcErrorCode.NotFound,
                    $"there is no pack '{name}' loaded; there are {string.Join(", ", engine.State.Packs.Keys)}");
            }

            var users = engine.State.Config.Sources.Where(s => s.PackName == name).Select(s => s.Name).ToList();
            if (users.Count > 0 || steering.Changes.RunningTrial is not null)
            {
                throw new RpcRefusedException(RpcErrorCode.Conflict,
                    users.Count > 0 ? $"pack {name} is used by stream {string.Join(", ", users)}"
                    : "a change is on trial, which may need it again", users.Count > 0 ? "give the stream another pack first"
                        : "wait for its end");
            }

            await journal.Make(EntryOf(caller, ControlMethod.PackUnload, "", $"unloaded {name}", ""), async () =>
            {
                await engine.Boundary.Run(() => engine.State.Remove(name)).ConfigureAwait(false);
                return name;
            }).ConfigureAwait(false);
            return new DoneReply { Text = $"pack {name} is unloaded" };
        }
        finally
        {
            _loading.Release();
        }
    }

    private DoneReply RestartSource(string name, ControlCaller caller)
    {
        var found = steering.Changes.Find(name).Stream;
        var (index, stream) = (found.Index, found.Name);
        if (!engine.RestartSource(index))
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable,
                $"source {stream} is not live: it would begin anew, and its frames be counted twice");
        }

        // Opening a camera again changes nothing that is kept, and is what helps a robot in trouble.
        journal.Note(EntryOf(caller, ControlMethod.SourceRestart, stream, "source closed and opened again", ""));
        return new DoneReply { Text = $"source {stream} is opened again" };
    }

    /// <summary>Not journaled: a robot may begin an episode with each thing that it grasps.</summary>
    private DoneReply BeginEpisode(string name)
    {
        var stream = steering.Changes.Find(name).Stream;
        return stream.Pricing?.TryAskEpisode() == true
            ? new DoneReply { Text = $"an episode of stream {stream.Name} begins with its next frame" }
            : throw new RpcRefusedException(RpcErrorCode.Unavailable, $"stream {stream.Name} has no allowance per episode; set one first, "
                + "such as 'edgeroute budget set device_ms_per_episode=900'");
    }

    private DoneReply Shutdown(ShutdownRequest request, ControlCaller caller)
    {
        if (request.Restarts)
        {
            engine.AskRestart();
        }
        else
        {
            engine.Stop();
        }

        journal.Note(EntryOf(caller, ControlMethod.Shutdown, "", request.Restarts ? "starts again" : "ends", request.Reason));
        return new DoneReply { Text = request.Restarts ? "the device starts again with its config file" : "the device ends its run" };
    }

    private static JournalEntry EntryOf(ControlCaller caller, string method, string stream, string outcome, string reason) =>
        new() { Who = caller.ToString(), Method = method, Stream = stream, Outcome = outcome, Reason = reason };
}
