using EdgeRoute.Core.Costs;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Engine.Remote;

/// <summary>Where a stage ran.</summary>
public enum RunPlace
{
    /// <summary>On this machine, as it was to.</summary>
    Here,

    /// <summary>At a server.</summary>
    Server,

    /// <summary>On this machine, because a server was late, failed or could not be asked.</summary>
    HereInstead,
}

/// <summary>Whether a server's model can run a stage.</summary>
internal enum ModelVerdict
{
    Unknown,
    Fits,
    Differs,
}

/// <summary>One variant of a stage as a server runs it: its request, and what it takes here and there.</summary>
internal sealed class RemoteCall : IDisposable
{
    /// <summary>Runs that measure the link; the first of them, which may load and tune, does not count.</summary>
    private const int ProbeRuns = 3;

    /// <summary>How soon the link is measured anew where the server is not worth its time; twice as long each time.</summary>
    private const long PauseLeastNs = 10_000_000_000, PauseMostNs = 300_000_000_000;

    /// <summary>The same where it could not be measured.</summary>
    private const long RetryLeastNs = 500_000_000;

    private readonly RemoteEngine _engine;
    private readonly Lock _gate = new();
    private bool _isDisposed;

    public RemoteCall(RemoteEngine engine, EngineStageConfig stage, IReadOnlyList<RemoteTensor> inputs, IReadOnlyList<RemoteTensor> outputs)
    {
        (_engine, Stage) = (engine, stage);
        (Inputs, Outputs) = (inputs, outputs);
        Request = engine.Prepare(stage, inputs, outputs);
    }

    public EngineStageConfig Stage { get; }

    public IReadOnlyList<RemoteTensor> Inputs { get; }

    public IReadOnlyList<RemoteTensor> Outputs { get; }

    public IServerRun Request { get; private set; }

    /// <summary>What the stage takes on this machine; written by the loop's thread.</summary>
    public TimeEstimate Here { get; } = new();

    /// <summary>From the request to the answer's last byte; written by whoever has the engine's gate.</summary>
    public TimeEstimate There { get; } = new();

    /// <summary>A frame has asked for it.</summary>
    public volatile bool IsWanted;

    public volatile ModelVerdict Verdict;

    /// <summary>In what the server's model differs; null for nothing.</summary>
    public volatile string? Problem;

    /// <summary>When the verdict was last asked for.</summary>
    public long JudgedNs { get; set; }

    private long _dueNs, _pauseNs = PauseLeastNs, _retryNs = RetryLeastNs;

    /// <summary>The server's model fits; before the verdict says so.</summary>
    public void TakeForm(ModelTold told)
    {
        foreach (var input in Inputs.Where(i => i.Picture is not null))
        {
            input.TakePictureRank(told.Inputs.FirstOrDefault(t => t.Name == input.Name)?.Shape.Length ?? 1);
            Request = _engine.Prepare(Stage, Inputs, Outputs);
        }
    }

    /// <summary>A frame was answered there, which tells more than a measurement.</summary>
    public void NoteThere(double ms, long nowNs)
    {
        There.Add(ms);
        (_dueNs, _pauseNs) = (nowNs + PauseLeastNs, PauseLeastNs);
    }

    /// <summary>The link is to be measured: before the first frame goes there, and now and then where none does.</summary>
    public bool IsDue(long nowNs) => IsWanted && Verdict == ModelVerdict.Fits && nowNs >= _dueNs;

    /// <summary>What a measurement came to; by whoever has the engine's gate.</summary>
    public void Learn(IReadOnlyList<double> ms, long nowNs)
    {
        There.Forget();
        foreach (double run in ms)
        {
            There.Add(run);
        }

        (_dueNs, _pauseNs, _retryNs) = (nowNs + _pauseNs, Math.Min(_pauseNs * 2, PauseMostNs), RetryLeastNs);
        Problem = null;
    }

    /// <summary>The server did not run the model when it was measured.</summary>
    public void NoteUnmeasured(string words, long nowNs)
    {
        Problem = words;
        (_dueNs, _retryNs) = (nowNs + _retryNs, Math.Min(_retryNs * 2, PauseMostNs));
    }

    /// <summary>
    /// At a server: the outputs are there. Else the stage is still to run on this machine, and <see cref="NoteHere"/> is to be told.
    /// </summary>
    public RunPlace Ask(long deadlineNs) => _engine.Ask(this, deadlineNs);

    /// <summary>The stage has run on this machine.</summary>
    public void NoteHere(double ms) => Here.Add(ms);

    /// <summary>Measures a link with tensors of a frame's size, off the frame's road.</summary>
    /// <param name="count">Told of bytes out and in.</param>
    /// <returns>Of each run, in milliseconds; none where the stage has gone.</returns>
    /// <exception cref="RemoteFaultException">The server lets it down.</exception>
    public IReadOnlyList<double> Probe(IServerLink link, double limitMs, TimeProvider clock, Action<long, long> count)
    {
        RemoteTensor[] inputs = [.. Inputs.Select(t => t.Twin())], outputs = [.. Outputs.Select(t => t.Twin())];
        try
        {
            if (!TryCopy(inputs))
            {
                return [];
            }

            var request = link.Prepare(Stage, inputs, outputs);
            var ms = new List<double>();
            for (int i = 0; i < ProbeRuns; i++)
            {
                link.Open();
                long start = clock.GetTimestamp();
                request.Run(limitMs);
                ms.Add(clock.GetElapsedTime(start).TotalMilliseconds);
                count(request.BytesOut, request.BytesIn);
            }

            return ms[1..];
        }
        finally
        {
            Array.ForEach([.. inputs, .. outputs], t => t.Tensor.Dispose());
            Array.ForEach(inputs, t => t.DropPicture());
        }
    }

    public void Dispose()
    {
        _engine.Remove(this);
        lock (_gate)
        {
            _isDisposed = true;
        }

        foreach (var input in Inputs)
        {
            input.DropPicture();
        }
    }

    /// <summary>A frame may be written meanwhile; what is measured does not depend on its pixels.</summary>
    private bool TryCopy(RemoteTensor[] inputs)
    {
        lock (_gate)
        {
            for (int i = 0; !_isDisposed && i < inputs.Length; i++)
            {
                Inputs[i].Tensor.Bytes.CopyTo(inputs[i].Tensor.Bytes);
            }

            return !_isDisposed;
        }
    }
}
