using System.Text;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// Finds the files beside an ONNX file that its tensors are read from, whatever graph or attribute they are in. A walk over the fields of
/// onnx.proto (ONNX 1.16) by their numbers; the weights inside the file are passed over.
/// </summary>
internal sealed class OnnxExternalData
{
    /// <summary>Messages inside messages: graphs of attributes nest a few deep. Deeper ones are no model of anyone's.</summary>
    private const int DepthLimit = 200;

    /// <summary>Files of one model. More would not be listed by hand either.</summary>
    private const int LocationLimit = 4096;

    /// <summary>The longest path that Linux takes.</summary>
    private const int PathBytes = 4096;

    private const int LocationField = 14;
    private const long IsExternal = 1;

    private static readonly Dictionary<(Part In, int Field), Part> Parts = new()
    {
        [(Part.Model, 7)] = Part.Graph, [(Part.Model, 20)] = Part.Training, [(Part.Model, 25)] = Part.Function,
        [(Part.Training, 1)] = Part.Graph, [(Part.Training, 2)] = Part.Graph,
        [(Part.Graph, 1)] = Part.Node, [(Part.Graph, 5)] = Part.Tensor, [(Part.Graph, 15)] = Part.Sparse,
        [(Part.Function, 7)] = Part.Node, [(Part.Function, 11)] = Part.Attribute,
        [(Part.Node, 5)] = Part.Attribute,
        [(Part.Attribute, 5)] = Part.Tensor, [(Part.Attribute, 6)] = Part.Graph, [(Part.Attribute, 10)] = Part.Tensor,
        [(Part.Attribute, 11)] = Part.Graph, [(Part.Attribute, 22)] = Part.Sparse, [(Part.Attribute, 23)] = Part.Sparse,
        [(Part.Sparse, 1)] = Part.Tensor, [(Part.Sparse, 2)] = Part.Tensor,
        [(Part.Tensor, 13)] = Part.Entry,
        [(Part.Entry, 1)] = Part.Key, [(Part.Entry, 2)] = Part.Value,
    };

    private readonly FileStream _file;
    private readonly SortedSet<string> _locations = new(StringComparer.Ordinal);
    private string _key = "", _value = "";

    private OnnxExternalData(FileStream file) => _file = file;

    private enum Part
    {
        Model,
        Training,
        Graph,
        Function,
        Node,
        Attribute,
        Sparse,
        Tensor,
        Entry,
        Key,
        Value,
    }

    /// <summary>
    /// As the model writes them, in order. A file that is no model has those found until that shows; whoever opens it says what is wrong.
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static IReadOnlyCollection<string> LocationsIn(string path)
    {
        using var file = new FileStream(DocumentFile.Open(path), FileAccess.Read);
        var found = new OnnxExternalData(file);
        found.Walk(Part.Model, file.Length, 0);
        return found._locations;
    }

    /// <summary>Reads the message up to its end. False: this is no protobuf any more.</summary>
    private bool Walk(Part part, long end, int depth)
    {
        bool isExternal = false;
        string location = "";
        while (_file.Position < end)
        {
            if (!TryVarint(out long tag))
            {
                return false;
            }

            int field = (int)(tag >> 3);
            bool isPart = Parts.TryGetValue((part, field), out var inner);
            switch (tag & 7)
            {
                case 0 when TryVarint(out long value):
                    isExternal |= part == Part.Tensor && field == LocationField && value == IsExternal;
                    break;
                case 1 or 5 when TrySkip((tag & 7) == 1 ? 8 : 4, end):
                    break;
                case 2 when TryVarint(out long length) && length >= 0 && length <= end - _file.Position:
                    if (!(isPart ? TryEnter(inner, length, depth) : TrySkip(length, end)))
                    {
                        return false;
                    }

                    location = isPart && inner == Part.Entry && _key == "location" ? _value : location;
                    break;
                default:
                    return false;
            }
        }

        if (isExternal)
        {
            _locations.Add(location);
        }

        return _locations.Count <= LocationLimit;
    }

    private bool TryEnter(Part part, long length, int depth)
    {
        if (part is Part.Key or Part.Value)
        {
            bool isRead = TryText(length, out string text);
            (_key, _value) = part == Part.Key ? (text, _value) : (_key, text);
            return isRead;
        }

        if (part == Part.Entry)
        {
            (_key, _value) = ("", "");
        }

        return depth < DepthLimit && Walk(part, _file.Position + length, depth + 1);
    }

    private bool TryText(long length, out string text)
    {
        text = "";
        if (length > PathBytes)
        {
            return TrySkip(length, _file.Length);
        }

        byte[] bytes = new byte[length];
        _file.ReadExactly(bytes);
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private bool TrySkip(long length, long end)
    {
        bool isInside = length <= end - _file.Position;
        _file.Position += isInside ? length : 0;
        return isInside;
    }

    private bool TryVarint(out long value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = _file.ReadByte();
            if (next < 0)
            {
                return false;
            }

            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
