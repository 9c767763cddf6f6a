using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Outputs;

/// <summary>Where lines go. A line is there as a whole or not at all.</summary>
internal interface ILineTarget : IDisposable
{
    /// <summary>Lines that did not get there.</summary>
    long LostCount { get; }

    void Write(ReadOnlySpan<byte> line);
}

/// <summary>
/// Lines for a reader, such as the next program of a pipeline. A slow one is waited for; once it has gone, what comes is counted. On a
/// consumer's thread.
/// </summary>
/// <param name="output">Stays the caller's.</param>
/// <param name="name">Of the output, for messages.</param>
internal sealed class LinePipe(OutputDescriptor output, string name, Action<string> report) : ILineTarget
{
    private long _lostCount;

    /// <summary>It takes no more, and not because its reader has gone, as the first lines may be all that one wants.</summary>
    public bool HasFailed { get; private set; }

    public long LostCount => Volatile.Read(ref _lostCount);

    public void Write(ReadOnlySpan<byte> line)
    {
        if (_lostCount > 0)
        {
            Interlocked.Increment(ref _lostCount);
            return;
        }

        try
        {
            output.Write(line);
        }
        catch (IOException gone)
        {
            (_lostCount, HasFailed) = (1, gone.HResult != OutputDescriptor.ErrorReaderGone);
            report($"{name} takes no more answers: {gone.Message.TrimEnd('.')}. The run goes on; what comes is counted.");
        }
    }

    public void Dispose()
    {
        if (_lostCount > 0)
        {
            report($"answers that did not reach {name}: {_lostCount}");
        }
    }
}
