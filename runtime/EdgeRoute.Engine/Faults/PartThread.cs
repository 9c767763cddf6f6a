namespace EdgeRoute.Engine.Faults;

/// <summary>
/// A promise of this program to itself does not hold, so nothing that follows can be trusted. The only exception of a frame, a source or
/// a thread that ends the process; everything else is that part's own fault, and the other parts go on.
/// </summary>
public sealed class BrokenInvariantException(string message) : Exception("broken invariant: " + message);

/// <summary>Every thread of the engine starts here: what its work throws is told, and never ends the process.</summary>
internal static class PartThread
{
    /// <summary>Whether a fault belongs to the part that it came from.</summary>
    public static bool IsPartsOwn(Exception fault) => fault is not BrokenInvariantException;

    /// <summary>A background thread that is not started yet.</summary>
    /// <param name="onFault">Told what the work threw, on the thread, which then ends.</param>
    public static Thread Make(string name, Action work, Action<Exception> onFault) =>
        new(() => Try(work, onFault)) { IsBackground = true, Name = name };

    /// <summary>One turn of a part. False: it failed, and <paramref name="onFault"/> was told.</summary>
    public static bool Try(Action work, Action<Exception> onFault)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception fault) when (IsPartsOwn(fault))
        {
            Tell(fault, onFault);
            return false;
        }
    }

    /// <summary>The fault in one line.</summary>
    public static string Words(Exception fault) => $"{fault.GetType().Name}: {fault.Message}";

    private static void Tell(Exception fault, Action<Exception> onFault)
    {
        try
        {
            onFault(fault);
        }
        catch (Exception unheard) when (IsPartsOwn(unheard))
        {
            // Whoever should hear it fails too, a closed terminal for one; the fault is lost, the thread is not.
        }
    }
}
