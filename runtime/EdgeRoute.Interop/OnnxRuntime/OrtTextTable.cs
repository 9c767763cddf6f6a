using System.Runtime.InteropServices;

namespace EdgeRoute.Interop.OnnxRuntime;

/// <summary>A native array of zero-terminated UTF-8 texts, as the C API takes lists of names, keys and values.</summary>
internal sealed unsafe class OrtTextTable : IDisposable
{
    private readonly int _count;
    private byte** _texts;

    public OrtTextTable(IEnumerable<string> texts)
    {
        string[] list = [.. texts];
        _texts = (byte**)NativeMemory.AllocZeroed((nuint)list.Length + 1, (nuint)sizeof(nint));
        try
        {
            for (; _count < list.Length; _count++)
            {
                _texts[_count] = OrtNative.NewUtf8(list[_count]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public byte** Texts => _texts;

    public byte* this[int index] => _texts[index];

    public void Dispose()
    {
        if (_texts == null)
        {
            return;
        }
        for (int i = 0; i < _count; i++)
        {
            NativeMemory.Free(_texts[i]);
        }
        NativeMemory.Free(_texts);
        _texts = null;
    }
}
