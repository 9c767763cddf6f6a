using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// The nice value of a thread: what the kernel gives it of a processor that others want too. Threads that it makes begin with its own.
/// Lower values need CAP_SYS_NICE or room under RLIMIT_NICE; going back up needs nothing.
/// </summary>
public static partial class ThreadNice
{
    /// <summary>PRIO_PROCESS of sys/resource.h; with id 0 it is the calling thread alone.</summary>
    private const int OneThread = 0;

    /// <summary>Of the calling thread, -20 to 19.</summary>
    public static int Current => OperatingSystem.IsLinux() ? getpriority(OneThread, 0) : 0;

    /// <summary>Adds to the calling thread's value. False: the kernel allows it not, and all is as before.</summary>
    public static bool TryAdd(int step) => step == 0 || (OperatingSystem.IsLinux() && setpriority(OneThread, 0, Current + step) == 0);

    /// <summary>Whether the kernel would allow it, tried on a thread that ends at once.</summary>
    public static bool CanAdd(int step)
    {
        bool can = false;
        var thread = new Thread(() => can = TryAdd(step));
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
}
