using System.Collections;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// A child that is handed descriptors, by posix_spawn(3): the base library starts processes too, but hands on nothing except the standard
/// streams. Its end is awaited through a descriptor, so that a wait has a limit and no number of another process is taken for its own.
/// </summary>
public sealed unsafe partial class ChildProcess : IDisposable
{
    /// <summary>Where the first descriptor stands that a child inherits; the others follow. It gets nothing else.</summary>
    public const int FirstInherited = 3;

    /// <summary>spawn.h: posix_spawn_file_actions_t has 80 bytes in the GNU library, on x64 and arm64; only it looks inside.</summary>
    private const int ActionsBytes = 256;

    // fcntl.h, sys/wait.h, signal.h and the numbers of system calls, which are the same on x64 and arm64.
    private const int DuplicateClosedOnExec = 1030;
    private const int WithoutWaiting = 1;
    private const int SignalKill = 9;
    private const int OpenProcess = 434;
    private const int SignalProcess = 424;

    private readonly SafeFileHandle _watch;
    private ChildEnd? _end;

    private ChildProcess(int id, SafeFileHandle watch) => (Id, _watch) = (id, watch);

    public int Id { get; }

    /// <summary>Starts a program, by its path or a name to be looked up.</summary>
    /// <param name="inherited">What the child finds at <see cref="FirstInherited"/> and the numbers that follow.</param>
    /// <exception cref="IOException">It cannot be started; the words are the kernel's.</exception>
    public static ChildProcess Start(string program, IReadOnlyList<string> arguments, params ReadOnlySpan<SafeFileHandle> inherited)
    {
        nint[] words = Texts([program, .. arguments]), environment = Texts(Variables());
        try
        {
            int id = Spawn(program, words, environment, inherited);
            var watch = new SafeFileHandle((nint)Call(OpenProcess, id, 0, 0, 0), ownsHandle: true);
            return watch.IsInvalid ? throw Refused("the kernel lets nobody wait for a child (pidfd_open, Linux 5.3)",
                Marshal.GetLastPInvokeError()) : new ChildProcess(id, watch);
        }
        finally
        {
            Array.ForEach(words, Marshal.FreeCoTaskMem);
            Array.ForEach(environment, Marshal.FreeCoTaskMem);
        }
    }

    /// <summary>How it ended; null when it has not within the wait.</summary>
    public ChildEnd? WaitForEnd(int waitMs)
    {
        if (_end is null && MessageSocket.IsReadable(_watch, waitMs))
        {
            int status;
            _end = waitpid(Id, &status, WithoutWaiting) == Id ? ChildEnd.Of(status) : ChildEnd.Unknown;
        }

        return _end;
    }

    /// <summary>Ends it at once, unless it hangs inside the kernel.</summary>
    public void Kill()
    {
        if (_end is null)
        {
            _ = Call(SignalProcess, (int)_watch.DangerousGetHandle(), SignalKill, 0, 0);
        }
    }

    public void Dispose() => _watch.Dispose();

    private static int Spawn(string program, nint[] words, nint[] environment, ReadOnlySpan<SafeFileHandle> inherited)
    {
        byte* actions = stackalloc byte[ActionsBytes];
        _ = posix_spawn_file_actions_init(actions);
        var copies = new List<SafeFileHandle>();
        try
        {
            int next = FirstInherited;
            foreach (var file in inherited)
            {
                // A copy above all places to be filled: one filled first could be the original of the next.
                copies.Add(new SafeFileHandle(Control(file, DuplicateClosedOnExec, FirstInherited + inherited.Length), ownsHandle: true));
                _ = posix_spawn_file_actions_adddup2(actions, (int)copies[^1].DangerousGetHandle(), next++);
            }

            _ = posix_spawn_file_actions_addclosefrom_np(actions, next);
            fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(program + '\0'))
            fixed (nint* argv = words, envp = environment)
            {
                int id;
                int error = posix_spawnp(&id, path, actions, null, argv, envp);
                return error == 0 ? id : throw Refused($"'{program}' cannot be started", error);
            }
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            copies.ForEach(c => c.Dispose());
        }
    }

    /// <summary>Zero-terminated, and a zero behind the last.</summary>
    private static nint[] Texts(IEnumerable<string> texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];

    private static IEnumerable<string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => $"{v.Key}={v.Value}");

    private static IOException Refused(string what, int error) => new($"{what}: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int first);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawnp(int* id, byte* path, byte* actions, void* attributes, nint* words, nint* environment);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int value);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc")]
    private static partial int waitpid(int id, int* status, int options);
}

/// <summary>How a child ended.</summary>
/// <param name="Signal">Number of the signal that ended it; 0 when it ended by itself.</param>
public sealed record ChildEnd(int ExitCode, int Signal)
{
    /// <summary>Somebody else asked the kernel for it first.</summary>
    public static ChildEnd Unknown { get; } = new(-1, 0);

    /// <summary>It ran into a fault of its own code, or of a library's.</summary>
    public bool IsCrash => Signal is >= 4 and <= 8 or 11;

    /// <summary>A clause for messages.</summary>
    public string Words => Signal == 0 ? $"ended with exit code {ExitCode}" : $"was ended by signal {Signal}{NameOf(Signal)}";

    /// <param name="status">As waitpid(2) gives it.</param>
    internal static ChildEnd Of(int status) => new((status >> 8) & 0xff, status & 0x7f);

    private static string NameOf(int signal) => signal switch
    {
        4 => " (SIGILL)",
        5 => " (SIGTRAP)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    };
}
