using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Watching;

/// <summary>
/// Answers of one run of the engine on their way to subscribers. While nobody wants any, none are made. All but <see cref="Publish"/> may
/// be called from any thread.
/// </summary>
/// <param name="labels">Names of the classes of a stream, or of all with an empty name; null where there is no such stream.</param>
/// <param name="lostCount">Answers that were lost before they came here.</param>
public sealed class AnswerWatch(Func<string, IReadOnlyCollection<string>?> labels, Func<long> lostCount)
{
    private volatile bool _isWanted;

    /// <summary>Every answer with the names of its stream's classes, on the thread that hands them on.</summary>
    public event Action<AnswerMessage, IReadOnlyList<string>>? Seen;

    /// <summary>Somebody wants answers, for the first time or again; told before any is handed on.</summary>
    public event Action? Wanted;

    public bool IsWanted => _isWanted;

    /// <summary>Answers of the engine that nobody was told of, because the thread that hands them on was too slow.</summary>
    public long LostCount => lostCount();

    /// <summary>Why nothing is handed on any more; null while it is.</summary>
    public Func<string?> Fault { get; init; } = () => null;

    public IReadOnlyCollection<string>? LabelsOf(string streamName) => labels(streamName);

    /// <summary>Hands an answer on; it may be made another as soon as this returns. One thread at a time.</summary>
    /// <param name="labels">Names of the classes of its stream; the same list as long as that has the same pack.</param>
    public void Publish(AnswerMessage answer, IReadOnlyList<string> labels) => Seen?.Invoke(answer, labels);

    internal void Want(bool isWanted)
    {
        if (isWanted && !_isWanted)
        {
            Wanted?.Invoke();
        }

        _isWanted = isWanted;
    }
}
