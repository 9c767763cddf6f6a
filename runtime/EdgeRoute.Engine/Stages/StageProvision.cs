using System.Runtime.ExceptionServices;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Engine.Stages;

/// <summary>
/// The session of one stage, and the next one when its provider fails again and again: opened without that provider, on a thread of its
/// own, so that no frame waits for it. Used by the loop's thread.
/// </summary>
/// <param name="open">Opens a session of the stage's model.</param>
internal sealed class StageProvision(string stage, OrtSessionRequest request, Func<OrtSessionRequest, OrtSession> open) : IDisposable
{
    private readonly Lock _gate = new();
    private OrtSessionRequest _request = request;
    private OrtSession? _next;
    private Exception? _fault;
    private volatile bool _isReady;
    private bool _isOpening, _isDisposed;

    public OrtSession Session { get; private set; } = open(request);

    /// <summary>
    /// Opens the sessions of all stages: at once where only the processor is asked for, which halves a start; providers of accelerators
    /// build their engines one after the other, because each takes what memory there is.
    /// </summary>
    /// <exception cref="OrtException">The first that cannot be opened, in the order of the stages; none is left open.</exception>
    public static List<StageProvision> OpenAll(IReadOnlyList<PackStage> stages, OrtSessionRequest request,
        Func<PackStage, OrtSessionRequest, OrtSession> open)
    {
        bool areAtOnce = request.Providers.All(p => p.Is(OrtProviderRequest.Cpu));
        List<Task<StageProvision>> opening = [];
        foreach (var stage in stages)
        {
            var one = new Task<StageProvision>(() => new StageProvision(stage.Name, request, r => open(stage, r)));
            opening.Add(one);
            if (areAtOnce && opening.Count < stages.Count)
            {
                one.Start();
                continue;
            }

            // This thread would only wait.
            one.RunSynchronously();
            if (one.IsFaulted)
            {
                break;
            }
        }

        opening.ForEach(o => Task.WaitAny(o));
        if (opening.Find(o => o.IsFaulted) is { } failed)
        {
            opening.FindAll(o => o.IsCompletedSuccessfully).ForEach(o => o.Result.Dispose());
            ExceptionDispatchInfo.Throw(failed.Exception!.InnerException!);
        }

        return opening.ConvertAll(o => o.Result);
    }

    /// <summary>How often a provider was left.</summary>
    public int FallbackCount { get; private set; }

    /// <summary>The next session, or the reason why there is none, waits to be taken.</summary>
    public bool IsReady => _isReady;

    /// <summary>Begins to open the next session. Returns what is to be told; null where none is left, or one is being left.</summary>
    /// <param name="reports">What the session runs on.</param>
    public string? FallBack(IReadOnlyList<OrtProviderReport> reports)
    {
        if (_isOpening || _request.WithoutFirstUsed(reports) is not { } next)
        {
            return null;
        }

        string left = _request.Providers.Except(next.Providers).Single().Name;
        (_request, _isOpening) = (next, true);
        FallbackCount++;
        PartThread.Make($"session of {stage}", () => Keep(open(next), null), fault => Keep(null, fault)).Start();
        string rest = string.Join(", ", next.Providers.Select(p => p.Name));
        return $"stage '{stage}' leaves {left}, which failed again and again: its session is opened anew on "
            + (rest.Length > 0 ? rest : OrtProviderRequest.Cpu);
    }

    /// <summary>Takes the next session over; the one before is disposed once the caller has let go of it, by what is returned.</summary>
    /// <exception cref="StageFailedException">It could not be opened; the one before stays.</exception>
    public OrtSession Take()
    {
        (_isReady, _isOpening) = (false, false);
        if (_next is null)
        {
            throw new StageFailedException(stage, $"its session could not be opened anew: {_fault?.Message}", _fault);
        }

        var before = Session;
        (Session, _next) = (_next, null);
        return before;
    }

    private void Keep(OrtSession? session, Exception? fault)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                session?.Dispose();
                return;
            }

            (_next, _fault) = (session, fault);
            _isReady = true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _next?.Dispose();
        }

        Session.Dispose();
    }
}
