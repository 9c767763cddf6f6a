using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// Lets the managed API run over a library that is older than it. The managed API asks for the table of its own version and takes no other.
/// A Native AOT program therefore exports <c>OrtGetApiBase</c> itself (see <see cref="ApiBase"/>) and hands out a table that is the
/// library's own as far as that reaches, and beyond it refuses each call in words.
/// </summary>
public static unsafe class OrtBridge
{
    /// <summary>More than any version has, so that every position the managed API knows is filled.</summary>
    internal const int TableLength = 512;
    internal const int CompileTableLength = 64;

    private const int NotImplemented = 9;

    private static void** _base;
    private static void** _table;
    private static void** _compileTable;
    private static byte* _refusal;
    private static delegate* unmanaged[Cdecl]<int, byte*, nint> _createStatus;

    /// <summary>What a program's exported <c>OrtGetApiBase</c> returns; null before a library is loaded.</summary>
    public static nint ApiBase => (nint)_base;

    /// <summary>
    /// Functions that each version of the C API has, from the oldest version served; a row holds until the next. Counted in the header
    /// (<c>\since</c>) and in the library's own assertions about its table, which for version 24 agree on the first 404 only.
    /// </summary>
    internal static IReadOnlyList<(int Version, int Functions, int CompileFunctions)> Sizes { get; } =
    [
        (17, 276, 0), (18, 280, 0), (20, 285, 0), (22, 318, 9), (23, 390, 14), (24, 404, 15), (25, 419, 15), (27, 422, 15), (28, 424, 15),
        (29, 425, 16), (30, 426, 16), (31, 428, 19),
    ];

    /// <summary>Whether this program exports the entry point, which only a Native AOT program can.</summary>
    internal static bool IsExported => NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "OrtGetApiBase", out _);

    /// <summary>Hands out the library as it is.</summary>
    internal static void PassOn(void** libraryBase) => _base = libraryBase;

    /// <summary>Hands out the library's table with what came after <paramref name="version"/> refused.</summary>
    internal static void Pad(void** libraryBase, void** own, int version, string versionText)
    {
        var (_, functions, compileFunctions) = Sizes.Last(size => size.Version <= version);
        _createStatus = (delegate* unmanaged[Cdecl]<int, byte*, nint>)own[OrtTable.CreateStatus];
        _refusal = (byte*)Marshal.StringToCoTaskMemUTF8(
            $"this ONNX Runtime library is of version {versionText}; the function asked for came later");
        void** ownCompile = compileFunctions > 0 ? ((delegate* unmanaged[Cdecl]<void**>)own[OrtTable.GetCompileApi])() : null;
        _table = NewTable(TableLength, own, functions);
        _compileTable = NewTable(CompileTableLength, ownCompile, ownCompile == null ? 0 : compileFunctions);
        // The managed API reads this table at once, also where the library has none.
        _table[OrtTable.GetCompileApi] = (delegate* unmanaged[Cdecl]<void**>)&GetCompileTable;
        _base = (void**)NativeMemory.Alloc(2, (nuint)sizeof(void*));
        _base[0] = (delegate* unmanaged[Cdecl]<uint, void**>)&GetTable;
        _base[1] = libraryBase[1];
    }

    private static void** NewTable(int length, void** own, int count)
    {
        var table = (void**)NativeMemory.Alloc((nuint)length, (nuint)sizeof(void*));
        for (int i = 0; i < length; i++)
        {
            table[i] = i < count ? own[i] : (delegate* unmanaged[Cdecl]<nint>)&Refuse;
        }
        return table;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Refuse() => _createStatus(NotImplemented, _refusal);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void** GetTable(uint version) => _table;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void** GetCompileTable() => _compileTable;
}
