namespace EdgeRoute.Workbench.Mcap;

/// <summary>The form of a channel's messages: a JSON Schema and its name.</summary>
internal sealed class McapSchema(int id, string name, byte[] text)
{
    public int Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>It stands in the file already.</summary>
    public bool IsDeclared { get; set; }

    public void Write(FieldBuffer target)
    {
        int begun = target.BeginRecord(McapOpcode.Schema);
        target.U16(Id);
        target.Text(Name);
        target.Text("jsonschema");
        target.U32((uint)text.Length);
        target.Bytes(text);
        target.EndRecord(begun);
    }
}

/// <summary>One topic's messages, and where those of the open chunk are.</summary>
internal sealed class McapChannel(int id, McapSchema schema, string topic, IReadOnlyDictionary<string, string> metadata)
{
    public int Id { get; } = id;

    public McapSchema Schema { get; } = schema;

    public string Topic { get; } = topic;

    public long MessageCount { get; set; }

    /// <summary>Time and offset of each message in the open chunk.</summary>
    public List<(ulong TimeNs, ulong Offset)> Index { get; } = [];

    public void Write(FieldBuffer target)
    {
        int begun = target.BeginRecord(McapOpcode.Channel);
        target.U16(Id);
        target.U16(Schema.Id);
        target.Text(Topic);
        target.Text("json");
        target.Texts(metadata);
        target.EndRecord(begun);
    }

    /// <summary>The index in order of time, which readers need not sort again.</summary>
    public void WriteIndex(FieldBuffer target)
    {
        Index.Sort();
        int begun = target.BeginRecord(McapOpcode.MessageIndex);
        target.U16(Id);
        int list = target.BeginList();
        foreach (var (timeNs, offset) in Index)
        {
            target.U64(timeNs);
            target.U64(offset);
        }

        target.EndList(list);
        target.EndRecord(begun);
    }
}

/// <summary>The first and the last of some times, in nanoseconds; both zero while there is none.</summary>
internal struct TimeSpread
{
    private bool _hasAny;

    public ulong FirstNs { get; private set; }

    public ulong LastNs { get; private set; }

    public void Add(ulong timeNs)
    {
        FirstNs = _hasAny ? Math.Min(FirstNs, timeNs) : timeNs;
        LastNs = _hasAny ? Math.Max(LastNs, timeNs) : timeNs;
        _hasAny = true;
    }
}
