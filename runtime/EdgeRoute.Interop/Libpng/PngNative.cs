using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.Libpng;

/// <summary>png_image of libpng 1.6 (png.h), the control block of its simplified interface.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal unsafe struct PngImage
{
    [FieldOffset(0)] public nint Opaque;
    [FieldOffset(8)] public uint Version;
    [FieldOffset(12)] public uint Width;
    [FieldOffset(16)] public uint Height;
    [FieldOffset(20)] public uint Format;
    [FieldOffset(24)] public uint Flags;
    [FieldOffset(28)] public uint ColormapEntryCount;

    /// <summary>0 fine, 1 a warning, 2 and above an error.</summary>
    [FieldOffset(32)] public uint Severity;
    [FieldOffset(36)] public fixed byte Message[64];
}

/// <summary>The functions of libpng 1.6 that are called.</summary>
internal static unsafe partial class PngNative
{
    internal const string LibraryName = "libpng16.so.16";

    internal const uint ImageVersion = 1;
    internal const uint FormatRgb = 2;

    /// <summary>16-bit files without a gamma of their own are sRGB, not linear light as libpng would take them.</summary>
    internal const uint Flag16BitSrgb = 4;

    [LibraryImport(LibraryName)]
    internal static partial int png_image_begin_read_from_memory(PngImage* image, byte* png, nuint sizeBytes);

    [LibraryImport(LibraryName)]
    internal static partial int png_image_finish_read(PngImage* image, byte* background, byte* pixels, int strideBytes, byte* colormap);

    [LibraryImport(LibraryName)]
    internal static partial void png_image_free(PngImage* image);

    [LibraryImport(LibraryName)]
    internal static partial int png_image_write_to_memory(
        PngImage* image, byte* png, ref nuint sizeBytes, int convertTo8Bit, byte* pixels, int strideBytes, byte* colormap);

    internal static string MessageOf(ref PngImage image)
    {
        fixed (byte* text = image.Message)
        {
            return Marshal.PtrToStringUTF8((nint)text) ?? "unknown error";
        }
    }
}

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
