using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Linux;

/// <summary>
/// What the machine must offer before anything starts. Without it the runtime or a library under it gives up somewhere in the middle, by an
/// abort or with words that help nobody.
/// </summary>
public static partial class MachineNeeds
{
    /// <summary>
    /// The runtime, ONNX Runtime and GStreamer with its plugins hold about a hundred; each camera and laptop takes a few more.
    /// </summary>
    public const int OpenFilesLeast = 256;

    /// <summary>RLIMIT_NOFILE of sys/resource.h, the same on x64 and arm64.</summary>
    private const int OpenFiles = 7;

    /// <summary>As the base library looks for it: the newest first.</summary>
    private static readonly string[] SslNames = ["libssl.so.3", "libssl.so.1.1"];

    /// <summary>What is missing and what to do about it, in one line; null when nothing is.</summary>
    public static string? FindLack()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        return FindFolderLack() ?? FindLimitLack() ?? FindLibraryLack();
    }

    private static string? FindFolderLack()
    {
        if (!File.Exists("/proc/self/maps"))
        {
            return "/proc is missing, where the kernel shows this process to itself: mount -t proc proc /proc (in a container or chroot, "
                + "give it the host's)";
        }

        return File.Exists("/dev/null") && File.Exists("/dev/urandom") ? null
            : "/dev/null or /dev/urandom is missing: mount -t devtmpfs dev /dev (in a container or chroot, give it the host's /dev)";
    }

    private static string? FindLimitLack() => ReadLimit(OpenFiles, out var limit) == 0 && limit.Current < OpenFilesLeast
        ? $"this process may open {limit.Current} files at once and needs {OpenFilesLeast}: ulimit -n 1024, or LimitNOFILE=1024 in its "
            + "systemd unit" : null;

    private static string? FindLibraryLack() => Array.Exists(SslNames, name => NativeLibrary.TryLoad(name, out _)) ? null
        : $"OpenSSL ({string.Join(" or ", SslNames)}) is not on this machine or cannot be loaded; install it: apt-get install libssl3";

    /// <summary>struct rlimit of sys/resource.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    private struct Limit
    {
        [FieldOffset(0)] public ulong Current;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int ReadLimit(int resource, out Limit limit);
}
