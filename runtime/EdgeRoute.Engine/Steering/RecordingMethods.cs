using System.Globalization;
using EdgeRoute.ControlChannel.Journal;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>Recordings that clients begin and end.</summary>
internal sealed class RecordingMethods(RunningEngine engine, string? stateFolder, string deviceName, JournalFile journal)
{
    private const string Ending = ".erec";

    /// <summary>A day: what runs longer belongs into the device config.</summary>
    private const double SecondsMost = 86_400;

    private const int NameLength = 64;

    private string? _folder = stateFolder is null ? null : Path.Combine(stateFolder, "recordings");

    public void AddTo(MethodTable table)
    {
        table.Add<NoParameters>(ControlMethod.Recordings, ControlRole.Viewer,
            (_, _, _) => ValueTask.FromResult<IControlMessage?>(new RecordingList { Recordings = All() }));
        table.Add<RecordStartRequest>(ControlMethod.RecordStart, ControlRole.Operator,
            async (request, caller, _) => await Start(request, caller).ConfigureAwait(false));
        table.Add<NamedRequest>(ControlMethod.RecordStop, ControlRole.Operator,
            async (request, caller, _) => await Stop(request.Name, caller).ConfigureAwait(false));
    }

    public async Task<IControlMessage> Start(RecordStartRequest request, ControlCaller caller)
    {
        if (engine.Recordings.Open.Count >= EdgeRoute.Engine.Running.RecordingControl.OpenLimit)
        {
            throw new RpcRefusedException(RpcErrorCode.Limit,
                $"{engine.Recordings.Open.Count} recordings are open; at most "
                    + $"{EdgeRoute.Engine.Running.RecordingControl.OpenLimit} at once");
        }

        if (!(request.Seconds is >= 0 and <= SecondsMost))
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                $"'seconds' is {request.Seconds}; give 0 (until it is stopped) to {SecondsMost} s");
        }

        var frames = ConfigEnums.Frames.FirstOrDefault(w => w.Text == request.Frames)
            ?? throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'frames' is '{request.Frames}'; write none, jpeg or raw");
        string name = NameOf(request.Name) + Ending;
        long? until = request.Seconds > 0 ? engine.Clock.NowNs() + (long)(request.Seconds * 1e9) : null;
        try
        {
            string path = Path.Combine(MakeFolder(), name);
            var entry = new JournalEntry { Who = caller.ToString(), Method = ControlMethod.RecordStart, Outcome = $"recording to {path}" };
            var recording = await journal.Make(entry, () => Begin(path, frames.Value, until),
                made => $"recording to {made.Path}, frames {request.Frames}").ConfigureAwait(false);
            return StatusWriter.RecordingOf(recording, engine.Clock.NowNs());
        }
        catch (Exception refused) when (refused is EngineRefusedException or IOException or UnauthorizedAccessException
            or TrustException)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, refused.Message);
        }
    }

    private async Task<EdgeRoute.Engine.Tracing.Recording> Begin(string path, RecordedFrames frames, long? until)
    {
        await engine.Recordings.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var recording = engine.Recordings.Create(path, frames, engine.State.Plans(), until, isAsked: true);
            try
            {
                await engine.Boundary.Run(() => engine.Recordings.Begin(recording)).ConfigureAwait(false);
            }
            catch
            {
                recording.Dispose();
                throw;
            }

            return recording;
        }
        finally
        {
            engine.Recordings.Gate.Release();
        }
    }

    /// <summary>
    /// Never a folder that somebody else could have made: without a state folder a new one, under a name nobody can foresee.
    /// </summary>
    private string MakeFolder()
    {
        _folder ??= Directory.CreateTempSubdirectory("edgeroute-recordings-").FullName;
        PrivateFile.MakeOwnFolder(_folder, n => n.EndsWith(Ending, StringComparison.Ordinal), engine.Reports.Warn);
        return _folder;
    }

    private async Task<IControlMessage> Stop(string name, ControlCaller caller)
    {
        var asked = engine.Recordings.Open.Where(r => r.IsAsked).ToList();
        var recording = asked.Find(r => name.Length == 0 ? asked.Count == 1 : r.Name == name)
            ?? throw new RpcRefusedException(RpcErrorCode.NotFound, asked.Count == 0 ? "no recording that a client began is open"
                : $"say which recording: {string.Join(", ", asked.Select(r => r.Name))}");
        var totals = await EngineSteering.EndRecording(engine, recording).ConfigureAwait(false);
        journal.Note(new JournalEntry { Who = caller.ToString(), Method = ControlMethod.RecordStop,
            Outcome = $"closed {recording.Path}, {totals.FileBytes} bytes" });
        var status = StatusWriter.RecordingOf(recording, engine.Clock.NowNs());
        (status.IsOpen, status.SecondsLeft, status.FileBytes) = (false, null, totals.FileBytes);
        return status;
    }

    private List<RecordingStatus> All()
    {
        var open = engine.Recordings.Open.Select(r => StatusWriter.RecordingOf(r, engine.Clock.NowNs())).ToList();
        if (Directory.Exists(_folder))
        {
            open.AddRange(new DirectoryInfo(_folder).EnumerateFiles("*" + Ending).Where(f => !open.Exists(o => o.Path == f.FullName))
                .OrderBy(f => f.LastWriteTimeUtc)
                .Select(f => new RecordingStatus { Name = Path.GetFileNameWithoutExtension(f.Name), Path = f.FullName,
                    FileBytes = f.Length }));
        }

        return open;
    }

    private string NameOf(string wanted)
    {
        if (wanted.Length == 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{deviceName}-{engine.Clock.GetUtcNow():yyyyMMdd-HHmmss}");
        }

        bool isPlain = wanted.Length <= NameLength && wanted.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            && wanted[0] != '.';
        return isPlain ? wanted : throw new RpcRefusedException(RpcErrorCode.BadRequest,
            $"'{wanted}' is no plain name: letters, digits, '-', '_' and '.', at most {NameLength}");
    }
}
