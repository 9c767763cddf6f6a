using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.TurboJpeg;

/// <summary>libjpeg-turbo as a whole: whether it can be used, and the reason in words where not.</summary>
public static class JpegLibrary
{
    private static string? s_outcome;

    /// <summary>Loads the library; later calls repeat the first answer.</summary>
    public static bool TryLoad(out string reason)
    {
        s_outcome ??= NativeLibrary.TryLoad(JpegNative.LibraryName, out _)
            ? ""
            : $"JPEG cannot be used: {JpegNative.LibraryName} is not on this machine. Install it with: apt-get install libturbojpeg0";
        reason = s_outcome;
        return reason.Length == 0;
    }
}
