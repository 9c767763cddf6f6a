using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// The end of the process without the goodbyes of libraries, which may wait for a thread that never comes back or crash under it.
/// </summary>
public static partial class ProcessEnd
{
    /// <summary>Ends the process now, whatever its threads do.</summary>
    [DoesNotReturn]
    public static void Now(int exitCode)
    {
        _exit(exitCode);
        Environment.FailFast("the process could not be ended");
    }

    /// <summary>
    /// Ends the process after a while, unless it has ended by then, and says so first. Saying so may hang on a reader that does not read;
    /// ending does not.
    /// </summary>
    public static void After(int waitMs, int exitCode, Action say)
    {
        new Thread(() =>
        {
            using var never = new ManualResetEventSlim();
            never.Wait(waitMs);
            var last = new Thread(() => say()) { IsBackground = true };
            last.Start();
            last.Join(LastWordsMs);
            Now(exitCode);
        }) { IsBackground = true, Name = "last resort" }.Start();
    }

    private const int LastWordsMs = 200;

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
