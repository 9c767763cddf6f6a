using System.Runtime.InteropServices;
using System.Text;
using static EdgeRoute.Interop.OnnxRuntime.OrtSlots;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>
/// The binding: one line per C function, called through the table that <see cref="OrtLibrary"/> obtained. Functions that can fail return a
/// status (0 is success) for <see cref="Check"/>. Nothing here owns memory; the handle classes do.
/// </summary>
internal static unsafe class OrtNative
{
    /// <summary>The function table; null until a library is loaded. Set once, under the lock of <see cref="OrtLibrary"/>.</summary>
    internal static void** Table;

    /// <summary>The library's own allocator of strings and lists it hands out. Lives as long as the process.</summary>
    internal static nint Allocator;

    /// <summary>Describes plain CPU memory, for tensors over our own memory.</summary>
    internal static nint CpuMemory;

    internal static void Check(nint status)
    {
        if (status != 0)
        {
            throw TakeError(status);
        }
    }

    /// <summary>Reads and frees a failed status.</summary>
    internal static OrtException TakeError(nint status)
    {
        var code = (OrtErrorCode)((delegate* unmanaged[Cdecl]<nint, int>)Table[GetErrorCode])(status);
        string message = Text(((delegate* unmanaged[Cdecl]<nint, byte*>)Table[GetErrorMessage])(status)).Trim();
        Release(ReleaseStatus, status);
        return new OrtException(code, message);
    }

    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Reads a string that the library allocated for us, then frees it.</summary>
    internal static string TakeText(byte* text)
    {
        string taken = Text(text);
        Free(text);
        return taken;
    }

    internal static void Free(void* memory)
    {
        if (memory != null)
        {
            Check(((delegate* unmanaged[Cdecl]<nint, void*, nint>)Table[AllocatorFree])(Allocator, memory));
        }
    }

    /// <summary>A zero-terminated UTF-8 copy, freed with <see cref="NativeMemory.Free"/>.</summary>
    internal static byte* NewUtf8(string text)
    {
        if (text.Contains('\0'))
        {
            throw new ArgumentException("a text handed to ONNX Runtime must not contain the character U+0000");
        }
        int length = Encoding.UTF8.GetByteCount(text);
        var copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return copy;
    }

    internal static void Release(int slot, nint handle)
    {
        if (handle != 0)
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)Table[slot])(handle);
        }
    }

    /// <summary>All functions of the shape <c>status create(out handle)</c>.</summary>
    internal static nint Create(int slot)
    {
        nint handle;
        Check(((delegate* unmanaged[Cdecl]<nint*, nint>)Table[slot])(&handle));
        return handle;
    }

    /// <summary>All functions of the shape <c>status get(owner, out handle)</c>.</summary>
    internal static nint Get(int slot, nint owner)
    {
        nint handle;
        Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)Table[slot])(owner, &handle));
        return handle;
    }

    /// <summary>All functions of the shape <c>status get(owner, allocator, out text)</c>.</summary>
    internal static string GetText(int slot, nint owner)
    {
        byte* text;
        Check(((delegate* unmanaged[Cdecl]<nint, nint, byte**, nint>)Table[slot])(owner, Allocator, &text));
        return TakeText(text);
    }

    /// <summary>All functions of the shape <c>status call(handle)</c>.</summary>
    internal static void Call(int slot, nint handle) => Check(((delegate* unmanaged[Cdecl]<nint, nint>)Table[slot])(handle));

    /// <summary>All functions of the shape <c>status set(handle, value)</c>.</summary>
    internal static void Set(int slot, nint handle, int value) =>
        Check(((delegate* unmanaged[Cdecl]<nint, int, nint>)Table[slot])(handle, value));

    internal static nuint GetCount(int slot, nint session)
    {
        nuint count;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)Table[slot])(session, &count));
        return count;
    }

    internal static string GetName(int slot, nint session, nuint index)
    {
        byte* text;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint, byte**, nint>)Table[slot])(session, index, Allocator, &text));
        return TakeText(text);
    }

    internal static nint GetTypeInfo(int slot, nint session, nuint index)
    {
        nint typeInfo;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)Table[slot])(session, index, &typeInfo));
        return typeInfo;
    }

    internal static OrtElementType GetElementType(nint tensorInfo)
    {
        int type;
        Check(((delegate* unmanaged[Cdecl]<nint, int*, nint>)Table[GetTensorElementType])(tensorInfo, &type));
        return (OrtElementType)type;
    }

    internal static long[] GetShape(nint tensorInfo)
    {
        var shape = new long[GetCount(GetDimensionsCount, tensorInfo)];
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)Table[GetDimensions])(tensorInfo, dimensions,
                (nuint)shape.Length));
        }
        return shape;
    }

    internal static string[] GetSymbols(nint tensorInfo, int rank)
    {
        byte** names = stackalloc byte*[rank + 1];
        Check(((delegate* unmanaged[Cdecl]<nint, byte**, nuint, nint>)Table[GetSymbolicDimensions])(tensorInfo, names, (nuint)rank));
        var symbols = new string[rank];
        for (int i = 0; i < rank; i++)
        {
            symbols[i] = Text(names[i]);
        }
        return symbols;
    }

    internal static nint NewMemory(byte* name, OrtAllocatorType allocator, int deviceIndex)
    {
        nint memory;
        Check(((delegate* unmanaged[Cdecl]<byte*, int, int, int, nint*, nint>)Table[CreateMemoryInfo])(name, (int)allocator, deviceIndex,
            0, &memory));
        return memory;
    }

    internal static bool IsCpuMemory(nint value)
    {
        nint memory = Get(GetTensorMemoryInfo, value);
        int device = -1;
        ((delegate* unmanaged[Cdecl]<nint, int*, void>)Table[MemoryInfoGetDeviceType])(memory, &device);
        return device == 0;
    }

    internal static string GetMemoryName(nint memory)
    {
        byte* name;
        Check(((delegate* unmanaged[Cdecl]<nint, byte**, nint>)Table[MemoryInfoGetName])(memory, &name));
        return Text(name);
    }

    /// <summary>With unlimited size and the library's defaults for the rest.</summary>
    internal static nint NewArenaConfiguration()
    {
        nint arena;
        Check(((delegate* unmanaged[Cdecl]<nuint, int, int, int, nint*, nint>)Table[CreateArenaCfg])(0, -1, -1, -1, &arena));
        return arena;
    }

    internal static void RegisterAllocator(nint environment, nint memory, nint arena)
        => Check(((delegate* unmanaged[Cdecl]<nint, nint, nint, nint>)Table[CreateAndRegisterAllocator])(environment, memory, arena));

    internal static nint NewEnvironment(nint log, OrtLogSeverity severity, byte* name, nint threading)
    {
        nint environment;
        // The first two arguments: the log callback and a pointer it is called with, which we have no use for.
        Check(((delegate* unmanaged[Cdecl]<nint, void*, int, byte*, nint, nint*,
            nint>)Table[CreateEnvWithCustomLoggerAndGlobalThreadPools])(
            log, null, (int)severity, name, threading, &environment));
        return environment;
    }

    internal static nint OpenSession(nint environment, byte* path, nint options, nint* session)
        => ((delegate* unmanaged[Cdecl]<nint, byte*, nint, nint*, nint>)Table[CreateSession])(environment, path, options, session);

    internal static nint SetEntry(nint options, byte* key, byte* value)
        => ((delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint>)Table[AddSessionConfigEntry])(options, key, value);

    internal static nint AppendProvider(nint options, byte* name, byte** keys, byte** values, nuint count)
        => ((delegate* unmanaged[Cdecl]<nint, byte*, byte**, byte**, nuint, nint>)Table[SessionOptionsAppendExecutionProvider])(
            options, name, keys, values, count);

    internal static nint UpdateProviderOptions(int slot, nint providerOptions, byte** keys, byte** values, nuint count)
        => ((delegate* unmanaged[Cdecl]<nint, byte**, byte**, nuint, nint>)Table[slot])(providerOptions, keys, values, count);

    internal static nint AppendProviderOptions(int slot, nint options, nint providerOptions)
        => ((delegate* unmanaged[Cdecl]<nint, nint, nint>)Table[slot])(options, providerOptions);

    internal static nint NewValue(void* data, nuint byteCount, long* shape, nuint rank, OrtElementType type)
    {
        nint value;
        Check(((delegate* unmanaged[Cdecl]<nint, void*, nuint, long*, nuint, int, nint*, nint>)Table[CreateTensorWithDataAsOrtValue])(
            CpuMemory, data, byteCount, shape, rank, (int)type, &value));
        return value;
    }

    internal static nint RunSession(
        nint session, nint runOptions, byte** inputNames, nint* inputs, nuint inputCount, byte** outputNames, nuint outputCount,
        nint* outputs)
        => ((delegate* unmanaged[Cdecl]<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)Table[OrtSlots.Run])(
            session, runOptions, inputNames, inputs, inputCount, outputNames, outputCount, outputs);

    internal static long GetModelVersion(nint metadata)
    {
        long version;
        Check(((delegate* unmanaged[Cdecl]<nint, long*, nint>)Table[ModelMetadataGetVersion])(metadata, &version));
        return version;
    }

    internal static byte** TakeMetadataKeys(nint metadata, out long count)
    {
        byte** keys;
        long length;
        Check(((delegate* unmanaged[Cdecl]<nint, nint, byte***, long*, nint>)Table[ModelMetadataGetCustomMetadataMapKeys])(
            metadata, Allocator, &keys, &length));
        count = length;
        return keys;
    }

    internal static string GetMetadataValue(nint metadata, byte* key)
    {
        byte* value;
        Check(((delegate* unmanaged[Cdecl]<nint, nint, byte*, byte**, nint>)Table[ModelMetadataLookupCustomMetadataMap])(metadata,
            Allocator, key, &value));
        return TakeText(value);
    }

    internal static string[] ListProviders()
    {
        byte** names;
        int count;
        Check(((delegate* unmanaged[Cdecl]<byte***, int*, nint>)Table[GetAvailableProviders])(&names, &count));
        var providers = new string[count];
        for (int i = 0; i < count; i++)
        {
            providers[i] = Text(names[i]);
        }
        Check(((delegate* unmanaged[Cdecl]<byte**, int, nint>)Table[ReleaseAvailableProviders])(names, count));
        return providers;
    }

    internal static string GetBuildText() => Text(((delegate* unmanaged[Cdecl]<byte*>)Table[GetBuildInfoString])());

    /// <summary>The list and its elements belong to the session.</summary>
    internal static nint* GetAssignedSubgraphs(nint session, out nuint count) => GetList(Session_GetEpGraphAssignmentInfo,
        session, out count);

    internal static nuint GetAssignedNodeCount(nint subgraph)
    {
        GetList(EpAssignedSubgraph_GetNodes, subgraph, out nuint count);
        return count;
    }

    internal static string GetAssignedProvider(nint subgraph) => Text((byte*)Get(EpAssignedSubgraph_GetEpName, subgraph));

    private static nint* GetList(int slot, nint owner, out nuint count)
    {
        nint* list;
        nuint length;
        Check(((delegate* unmanaged[Cdecl]<nint, nint**, nuint*, nint>)Table[slot])(owner, &list, &length));
        count = length;
        return list;
    }
}
