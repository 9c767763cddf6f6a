using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// The few functions of the library that its managed API lacks, called through the C API's own table over the handles of that API: binding
/// by names that are encoded once, which provider took which nodes, and what the library says of itself before there is an environment. The
/// table only grows at its end, so a position never changes; an ABI test compares every one with the header.
/// </summary>
internal static unsafe class OrtTable
{
    internal const int CreateStatus = 0;
    internal const int GetErrorCode = 1;
    internal const int GetErrorMessage = 2;
    internal const int GetTensorMutableData = 51;
    internal const int GetDimensionsCount = 61;
    internal const int GetDimensions = 62;
    internal const int GetTensorTypeAndShape = 65;
    internal const int AllocatorFree = 76;
    internal const int GetAllocatorWithDefaultOptions = 78;
    internal const int ReleaseStatus = 93;
    internal const int ReleaseValue = 96;
    internal const int ReleaseTensorTypeAndShapeInfo = 99;
    internal const int GetAvailableProviders = 125;
    internal const int ReleaseAvailableProviders = 126;
    internal const int RunWithBinding = 133;
    internal const int BindInput = 136;
    internal const int BindOutput = 137;
    internal const int BindOutputToDevice = 138;
    internal const int GetBoundOutputValues = 140;
    internal const int GetBuildInfoString = 254;
    internal const int GetCompileApi = 294;

    /// <summary>This and the two below stand here from version 25 on.</summary>
    internal const int Session_GetEpGraphAssignmentInfo = 407;
    internal const int EpAssignedSubgraph_GetEpName = 408;
    internal const int EpAssignedSubgraph_GetNodes = 409;

    /// <summary>The library's own table, of the version in use; null until a library is loaded.</summary>
    internal static void** Own;

    /// <summary>Binds a value, or the memory an output shall be allocated in; allocates nothing.</summary>
    /// <param name="slot"><see cref="BindInput"/>, <see cref="BindOutput"/> or <see cref="BindOutputToDevice"/>.</param>
    /// <param name="binding">The native binding.</param>
    /// <param name="name">Zero-terminated UTF-8 that the caller keeps.</param>
    /// <param name="value">The native value or memory description.</param>
    internal static void Bind(int slot, nint binding, byte* name, nint value)
        => Check(((delegate* unmanaged[Cdecl]<nint, byte*, nint, nint>)Own[slot])(binding, name, value));

    internal static void RunBound(nint session, nint options, nint binding)
        => Check(((delegate* unmanaged[Cdecl]<nint, nint, nint, nint>)Own[RunWithBinding])(session, options, binding));

    /// <summary>
    /// Whatever the last run left in the binding, in the order of the model's outputs; each is to be released. Allocates nothing managed.
    /// </summary>
    /// <param name="into">Room for one of each output.</param>
    internal static void BoundValues(nint binding, Span<nint> into)
    {
        nint allocator;
        nint* list;
        nuint count;
        Check(((delegate* unmanaged[Cdecl]<nint*, nint>)Own[GetAllocatorWithDefaultOptions])(&allocator));
        Check(((delegate* unmanaged[Cdecl]<nint, nint, nint**, nuint*, nint>)Own[GetBoundOutputValues])(binding, allocator, &list, &count));
        new ReadOnlySpan<nint>(list, (int)Math.Min(count, (nuint)into.Length)).CopyTo(into);
        Check(((delegate* unmanaged[Cdecl]<nint, void*, nint>)Own[AllocatorFree])(allocator, list));
    }

    /// <returns>The rank; <paramref name="sizes"/> holds as many.</returns>
    internal static int ShapeOf(nint value, Span<long> sizes)
    {
        nint shape;
        nuint rank;
        Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)Own[GetTensorTypeAndShape])(value, &shape));
        try
        {
            Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)Own[GetDimensionsCount])(shape, &rank));
            fixed (long* first = sizes)
            {
                Check(((delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)Own[GetDimensions])(shape, first,
                    Math.Min(rank, (nuint)sizes.Length)));
            }
        }
        finally
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)Own[ReleaseTensorTypeAndShapeInfo])(shape);
        }

        return (int)rank;
    }

    internal static byte* DataOf(nint value)
    {
        byte* data;
        Check(((delegate* unmanaged[Cdecl]<nint, byte**, nint>)Own[GetTensorMutableData])(value, &data));
        return data;
    }

    internal static void Release(nint value) => ((delegate* unmanaged[Cdecl]<nint, void>)Own[ReleaseValue])(value);

    internal static string BuildText() => Text(((delegate* unmanaged[Cdecl]<byte*>)Own[GetBuildInfoString])());

    /// <summary>Full names of the providers that the library was compiled with.</summary>
    internal static string[] ListProviders()
    {
        byte** names;
        int count;
        Check(((delegate* unmanaged[Cdecl]<byte***, int*, nint>)Own[GetAvailableProviders])(&names, &count));
        var providers = new string[count];
        for (int i = 0; i < count; i++)
        {
            providers[i] = Text(names[i]);
        }
        Check(((delegate* unmanaged[Cdecl]<byte**, int, nint>)Own[ReleaseAvailableProviders])(names, count));
        return providers;
    }

    /// <summary>Number of graph nodes by the full name of the provider that took them.</summary>
    internal static Dictionary<string, int> CountNodesByProvider(nint session)
    {
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        // The list and its elements belong to the session.
        nint* subgraphs = GetList(Session_GetEpGraphAssignmentInfo, session, out nuint count);
        for (nuint i = 0; i < count; i++)
        {
            byte* name;
            Check(((delegate* unmanaged[Cdecl]<nint, byte**, nint>)Own[EpAssignedSubgraph_GetEpName])(subgraphs[i], &name));
            GetList(EpAssignedSubgraph_GetNodes, subgraphs[i], out nuint nodes);
            string provider = Text(name);
            counts[provider] = counts.GetValueOrDefault(provider) + (int)nodes;
        }
        return counts;
    }

    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static nint* GetList(int slot, nint owner, out nuint count)
    {
        nint* list;
        nuint length;
        Check(((delegate* unmanaged[Cdecl]<nint, nint**, nuint*, nint>)Own[slot])(owner, &list, &length));
        count = length;
        return list;
    }

    private static void Check(nint status)
    {
        if (status == 0)
        {
            return;
        }
        var code = (OrtErrorCode)((delegate* unmanaged[Cdecl]<nint, int>)Own[GetErrorCode])(status);
        string message = Text(((delegate* unmanaged[Cdecl]<nint, byte*>)Own[GetErrorMessage])(status)).Trim();
        ((delegate* unmanaged[Cdecl]<nint, void>)Own[ReleaseStatus])(status);
        throw new OrtException(code, message);
    }
}
