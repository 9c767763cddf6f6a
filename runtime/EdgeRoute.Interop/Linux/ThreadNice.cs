using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// The nice value of a thread: what the kernel gives it of a processor that others want too. Threads that it makes begin with its own.
/// Lower values need CAP_SYS_NICE or room under RLIMIT_NICE; going back up needs nothing. A real-time thread comes before every nice value.
/// </summary>
public static partial class ThreadNice
{
    /// <summary>PRIO_PROCESS of sys/resource.h; with id 0 it is the calling thread alone.</summary>
    private const int OneThread = 0;

    /// <summary>SCHED_FIFO of sched.h: runs until it waits; the kernel keeps a twentieth of each second for other threads.</summary>
    private const int FirstInFirstOut = 1;

    /// <summary>Of the calling thread, -20 to 19.</summary>
    public static int Current => OperatingSystem.IsLinux() ? getpriority(OneThread, 0) : 0;

    /// <summary>Adds to the calling thread's value. False: the kernel allows it not, and all is as before.</summary>
    public static bool TryAdd(int step) => step == 0 || (OperatingSystem.IsLinux() && setpriority(OneThread, 0, Current + step) == 0);

    /// <summary>Whether the kernel would allow it.</summary>
    public static bool CanAdd(int step) => step == 0 || Can(() => TryAdd(step));

    /// <summary>
    /// Makes the calling thread, and those it makes from now on, real-time ones (SCHED_FIFO) of a priority of 1 to 99; 0 changes nothing.
    /// False: the kernel allows it not (CAP_SYS_NICE, RLIMIT_RTPRIO), and all is as before.
    /// </summary>
    public static bool TryRealtime(int priority) =>
        priority == 0 || (OperatingSystem.IsLinux() && sched_setscheduler(0, FirstInFirstOut, in priority) == 0);

    /// <summary>Whether the kernel would allow it.</summary>
    public static bool CanRealtime(int priority) => priority == 0 || Can(() => TryRealtime(priority));

    /// <summary>Of the calling thread; 0 for one that is no real-time thread.</summary>
    public static int Realtime => OperatingSystem.IsLinux() && sched_getparam(0, out int priority) == 0 ? priority : 0;

    /// <summary>Tried on a thread that ends at once.</summary>
    private static bool Can(Func<bool> attempt)
    {
        bool can = false;
        var thread = new Thread(() => can = attempt());
        thread.Start();
        thread.Join();
        return can;
    }

    /// <summary>RLIMIT_NICE, as <c>ulimit -e</c> has it, that lets this process add to its value.</summary>
    public static int LimitFor(int step) => 20 - Math.Max(Current + step, -20);

    /// <summary>Does something whose new threads are to begin with another value than this thread's.</summary>
    public static T With<T>(int step, Func<T> make)
    {
        bool isAdded = TryAdd(step);
        try
        {
            return make();
        }
        finally
        {
            _ = isAdded && TryAdd(-step);
        }
    }

    [LibraryImport("libc")]
    private static partial int getpriority(int which, int id);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int id, int value);

    [LibraryImport("libc")]
    private static partial int sched_setscheduler(int id, int policy, in int priority);

    [LibraryImport("libc")]
    private static partial int sched_getparam(int id, out int priority);
}
