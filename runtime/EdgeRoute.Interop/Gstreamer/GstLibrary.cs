using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Gstreamer;

/// <summary>GStreamer as a whole: loaded and initialised once per process, or the reason in words why it cannot be.</summary>
public static unsafe partial class GstLibrary
{
    // dlfcn.h of glibc, the same on x64 and arm64.
    private const int ResolveNow = 2;
    private const int VisibleToAll = 0x100;

    private static readonly Lock Gate = new();
    private static string? s_outcome;

    /// <summary>Version of the loaded library, such as "1.22.0"; empty before <see cref="TryLoad(out string)"/> succeeded.</summary>
    public static string Version { get; private set; } = "";

    /// <summary>Loads and initialises GStreamer; later calls repeat the first answer.</summary>
    /// <param name="reason">Empty, or what is missing and which Debian package brings it.</param>
    public static bool TryLoad(out string reason)
    {
        lock (Gate)
        {
            UnwindAlike();
            s_outcome ??= MissingIn(
                (GstNative.GlibName, "libglib2.0-0"),
                (GstNative.CoreName, "libgstreamer1.0-0"),
                (GstNative.VideoName, "libgstreamer-plugins-base1.0-0"),
                (GstNative.AppName, "libgstreamer-plugins-base1.0-0")) ?? Initialize();
            reason = s_outcome;
            return reason.Length == 0;
        }
    }

    /// <summary>Whether the installed plugins have an element of this name. False where GStreamer itself is absent.</summary>
    public static bool HasElement(string name)
    {
        if (!TryLoad(out _))
        {
            return false;
        }

        nint factory = GstNative.gst_element_factory_find(name);
        if (factory != 0)
        {
            GstNative.gst_object_unref(factory);
        }

        return factory != 0;
    }

    /// <summary>The first of these libraries that cannot be loaded, in words; null when all can.</summary>
    internal static string? MissingIn(params ReadOnlySpan<(string Library, string Package)> wanted)
    {
        foreach (var (library, package) in wanted)
        {
            if (!NativeLibrary.TryLoad(library, out _))
            {
                return $"GStreamer cannot be used: {library} is not on this machine. Install it with: apt-get install {package}";
            }
        }

        return null;
    }

    /// <summary>
    /// GStreamer brings a second library that unwinds C++ exceptions. Plugins would find that one, while the C++ library, which models
    /// loaded before, uses the compiler's: an exception between the two ends the process. With the compiler's first all use the same.
    /// </summary>
    private static void UnwindAlike()
    {
        // Where it is missing there is no C++ either, and nothing to keep apart.
        if (s_outcome is null && OperatingSystem.IsLinux())
        {
            _ = dlopen("libgcc_s.so.1", ResolveNow | VisibleToAll);
        }
    }

    [LibraryImport("libdl.so.2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint dlopen(string library, int flags);

    private static string Initialize()
    {
        // While it loads plugins GStreamer catches SIGSEGV, which the .NET runtime needs for its own null checks on other threads.
        GstNative.gst_segtrap_set_enabled(0);
        if (GstNative.gst_init_check(0, 0, out GlibError* error) == 0)
        {
            return $"GStreamer refused to start: {GstNative.TakeError(error) ?? "no reason given"}";
        }

        GstNative.gst_version(out uint major, out uint minor, out uint micro, out _);
        Version = $"{major}.{minor}.{micro}";
        return "";
    }
}

/// <summary>A pipeline text that GStreamer does not accept, in its own words.</summary>
public sealed class GstException(string message) : Exception(message);
