using System.Globalization;

namespace EdgeRoute.Documents.Packs;

/// <summary>
/// Reads the header of an ONNX file: a walk over the fields of onnx.proto (ONNX 1.16) by their numbers, through every graph, attribute and
/// function; the weights are passed over.
/// </summary>
internal sealed class OnnxReader
{
    /// <summary>Files of one model. More would not be listed by hand either.</summary>
    private const int LocationLimit = 4096;

    /// <summary>Operators, tensors, inputs and outputs together: a hundred times those of the largest networks that a board runs.</summary>
    private const int PartLimit = 1_000_000;

    private const long IsExternal = 1;

    /// <summary>Domains whose operators are ONNX's own or the library's; those of TensorRT's plugins come with its provider.</summary>
    private static readonly string[] KnownDomains = ["", "ai.onnx", "trt.plugins", "org.pytorch.aten"];

    private static readonly string[] KnownBeginnings = ["ai.onnx.", "com.microsoft", "com.ms.internal"];

    private static readonly string[] Elements = ["undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string",
        "bool", "float16", "double", "uint32", "uint64", "complex64", "complex128", "bfloat16"];

    /// <summary>Kinds of values that are no tensors, by their field of TypeProto.</summary>
    private static readonly Dictionary<int, string> OtherKinds = new() { [4] = "sequence", [5] = "map", [8] = "sparse tensor",
        [9] = "optional" };

    private readonly ProtobufReader _file;
    private readonly Dictionary<string, long> _operatorSets = new(StringComparer.Ordinal);
    private readonly List<OnnxValue> _inputs = [], _outputs = [];
    private readonly HashSet<string> _initializers = new(StringComparer.Ordinal);
    private readonly List<OnnxNode> _nodes = [], _foreign = [];
    private readonly HashSet<(string Domain, string Name)> _functions = [];
    private readonly SortedDictionary<string, long> _locations = new(StringComparer.Ordinal);
    private long _irVersion;
    private bool _hasGraph;
    private int _partCount;

    private OnnxReader(ProtobufReader file) => _file = file;

    public static OnnxHeader Read(FileStream file)
    {
        var reader = new OnnxReader(new ProtobufReader(file));
        reader._file.ReadAll(reader.OfModel);
        return reader.Header();
    }

    private OnnxHeader Header() => new()
    {
        Fault = Fault(),
        IrVersion = _irVersion,
        OperatorSets = _operatorSets,
        Inputs = [.. _inputs.Where(i => !_initializers.Contains(i.Name))],
        Outputs = _outputs,
        Nodes = _nodes,
        ForeignNodes = [.. _foreign.Where(n => !_functions.Contains((n.Domain, n.Operator)))],
        LooseEnds = Fault() is null ? [.. LooseEnds()] : [],
        ExternalFiles = [.. _locations.Select(l => new OnnxExternalFile(l.Key, l.Value))],
    };

    /// <summary>Graphs inside of operators read what stands around them; the library looks at those.</summary>
    private IEnumerable<OnnxLooseEnd> LooseEnds()
    {
        HashSet<string> made = [.. _inputs.Select(i => i.Name), .. _initializers, .. _nodes.SelectMany(n => n.Outputs), ""];
        return _nodes.SelectMany(n => n.Inputs.Select(i => new OnnxLooseEnd(i, n.Operator)))
            .Concat(_outputs.Select(o => new OnnxLooseEnd(o.Name, null))).Where(e => !made.Contains(e.Tensor)).DistinctBy(e => e.Tensor);
    }

    private string? Fault()
    {
        if (_irVersion == 0)
        {
            return "is no ONNX model; export the model to ONNX, or fetch the file again";
        }

        if (_file.IsCutShort)
        {
            return "is cut short: the end of the model is missing; fetch or export it again";
        }

        if (_file.Fault is { } fault)
        {
            return $"{fault}; fetch or export it again";
        }

        if (!_hasGraph)
        {
            return "is an ONNX model without a graph; export it again";
        }

        return _operatorSets.Count == 0 ? "does not tell its operator set; export it again" : null;
    }

    private bool OfModel(ProtobufField field)
    {
        switch (field)
        {
            case { Number: 1, IsNumber: true }:
                _irVersion = field.Value;
                return true;
            case { Number: 7, IsNumber: false }:
                _hasGraph = true;
                return _file.Read(field, f => OfGraph(f, isMain: true));
            case { Number: 8, IsNumber: false }:
                return OperatorSet(field);
            case { Number: 20, IsNumber: false }:
                return _file.Read(field, OfTraining);
            case { Number: 25, IsNumber: false }:
                return Function(field);
            default:
                return true;
        }
    }

    private bool OfTraining(ProtobufField field) =>
        field.IsNumber || field.Number is not (1 or 2) || _file.Read(field, f => OfGraph(f, isMain: false));

    private bool OperatorSet(ProtobufField field)
    {
        string domain = "";
        long version = 0;
        bool isRead = _file.Read(field, f =>
        {
            domain = f is { Number: 1, IsNumber: false } ? _file.Text(f) : domain;
            version = f is { Number: 2, IsNumber: true } ? f.Value : version;
            return true;
        });
        _operatorSets[domain == "ai.onnx" ? OnnxHeader.StandardDomain : domain] = version;
        return isRead;
    }

    private bool Function(ProtobufField field)
    {
        string name = "", domain = "";
        bool isRead = _file.Read(field, f =>
        {
            switch (f)
            {
                case { Number: 1, IsNumber: false }:
                    name = _file.Text(f);
                    return true;
                case { Number: 7, IsNumber: false }:
                    return Node(f, isMain: false);
                case { Number: 10, IsNumber: false }:
                    domain = _file.Text(f);
                    return true;
                case { Number: 11, IsNumber: false }:
                    return _file.Read(f, OfAttribute);
                default:
                    return true;
            }
        });
        _functions.Add((domain, name));
        return isRead;
    }

    private bool OfGraph(ProtobufField field, bool isMain)
    {
        switch (field)
        {
            case { Number: 1, IsNumber: false }:
                return Node(field, isMain);
            case { Number: 5, IsNumber: false }:
                return Tensor(field, isMain);
            case { Number: 11, IsNumber: false } when isMain:
                return Value(field, _inputs);
            case { Number: 12, IsNumber: false } when isMain:
                return Value(field, _outputs);
            case { Number: 15, IsNumber: false }:
                return Sparse(field, isMain);
            default:
                return true;
        }
    }

    private bool Node(ProtobufField field, bool isMain)
    {
        List<string> inputs = [], outputs = [];
        string operation = "", domain = "";
        bool isRead = _file.Read(field, f =>
        {
            switch (f)
            {
                case { Number: 1, IsNumber: false } when isMain:
                    inputs.Add(_file.Text(f));
                    break;
                case { Number: 2, IsNumber: false } when isMain:
                    outputs.Add(_file.Text(f));
                    break;
                case { Number: 4, IsNumber: false }:
                    operation = _file.Text(f);
                    break;
                case { Number: 5, IsNumber: false }:
                    return _file.Read(f, OfAttribute);
                case { Number: 7, IsNumber: false }:
                    domain = _file.Text(f);
                    break;
            }

            return true;
        });
        var node = new OnnxNode(operation, domain, inputs, outputs);
        if (isMain)
        {
            _nodes.Add(node);
        }

        if (!KnownDomains.Contains(domain) && !KnownBeginnings.Any(b => domain.StartsWith(b, StringComparison.Ordinal)))
        {
            _foreign.Add(node);
        }

        return isRead && Count();
    }

    private bool OfAttribute(ProtobufField field) => field switch
    {
        { IsNumber: true } => true,
        { Number: 5 or 10 } => Tensor(field, isMain: false),
        { Number: 6 or 11 } => _file.Read(field, f => OfGraph(f, isMain: false)),
        { Number: 22 or 23 } => Sparse(field, isMain: false),
        _ => true,
    };

    /// <summary>Values and indices, each a tensor; the values have the name.</summary>
    private bool Sparse(ProtobufField field, bool isMain) =>
        _file.Read(field, f => f.IsNumber || f.Number is not (1 or 2) || Tensor(f, isMain && f.Number == 1));

    private bool Tensor(ProtobufField field, bool isMain)
    {
        bool isExternal = false;
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        bool isRead = _file.Read(field, f =>
        {
            switch (f)
            {
                case { Number: 8, IsNumber: false } when isMain:
                    _initializers.Add(_file.Text(f));
                    break;
                case { Number: 13, IsNumber: false }:
                    return Entry(f, entries);
                case { Number: 14, IsNumber: true }:
                    isExternal = f.Value == IsExternal;
                    break;
            }

            return true;
        });
        if (isExternal && isRead)
        {
            string location = entries.GetValueOrDefault("location", "");
            long end = Whole(entries, "offset") + Whole(entries, "length");
            _locations[location] = Math.Max(end, _locations.GetValueOrDefault(location));
        }

        bool isTooMany = _locations.Count > LocationLimit;
        return isRead && (isTooMany ? _file.Fail($"reads its weights from more than {LocationLimit} files") : Count());
    }

    private bool Entry(ProtobufField field, Dictionary<string, string> entries)
    {
        string key = "", value = "";
        bool isRead = _file.Read(field, f =>
        {
            key = f is { Number: 1, IsNumber: false } ? _file.Text(f) : key;
            value = f is { Number: 2, IsNumber: false } ? _file.Text(f) : value;
            return true;
        });
        entries[key] = value;
        return isRead;
    }

    /// <summary>A number of bytes; what is none counts as none, so that the library has the last word.</summary>
    private static long Whole(Dictionary<string, string> entries, string key) => long.TryParse(entries.GetValueOrDefault(key),
        NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes <= long.MaxValue / 4 ? bytes : 0;

    private bool Value(ProtobufField field, List<OnnxValue> values)
    {
        string name = "";
        var type = new OnnxValue("", Elements[0], []);
        bool isRead = _file.Read(field, f =>
        {
            name = f is { Number: 1, IsNumber: false } ? _file.Text(f) : name;
            return f is not { Number: 2, IsNumber: false }
                || _file.Read(f, kind =>
                {
                    type = type with { Element = OtherKinds.GetValueOrDefault(kind.Number, type.Element) };
                    return kind is not { Number: 1, IsNumber: false } || TensorType(kind, out type);
                });
        });
        values.Add(type with { Name = name });
        return isRead && Count();
    }

    private bool TensorType(ProtobufField field, out OnnxValue type)
    {
        long element = 0;
        List<long>? shape = null;
        bool isRead = _file.Read(field, f =>
        {
            element = f is { Number: 1, IsNumber: true } ? f.Value : element;
            if (f is not { Number: 2, IsNumber: false })
            {
                return true;
            }

            shape = [];
            return _file.Read(f, d => d is not { Number: 1, IsNumber: false } || Size(d, shape));
        });
        string word = element >= 0 && element < Elements.Length ? Elements[element] : $"ONNX type {element}";
        type = new OnnxValue("", word, shape);
        return isRead;
    }

    private bool Size(ProtobufField field, List<long> shape)
    {
        long size = -1;
        bool isRead = _file.Read(field, f =>
        {
            size = f is { Number: 1, IsNumber: true } ? f.Value : size;
            return true;
        });
        shape.Add(size);
        return isRead && Count();
    }

    private bool Count() => ++_partCount <= PartLimit || _file.Fail($"has more than {PartLimit} parts");
}
