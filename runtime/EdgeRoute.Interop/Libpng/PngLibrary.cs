using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Libpng;

/// <summary>libpng as a whole: whether it can be used, and the reason in words where not.</summary>
public static class PngLibrary
{
    private static string? s_outcome;

    /// <summary>Loads the library; later calls repeat the first answer.</summary>
    public static bool TryLoad(out string reason)
    {
        s_outcome ??= NativeLibrary.TryLoad(PngNative.LibraryName, out _)
            ? ""
            : $"PNG cannot be used: {PngNative.LibraryName} is not on this machine. Install it with: apt-get install libpng16-16";
        reason = s_outcome;
        return reason.Length == 0;
    }
}
