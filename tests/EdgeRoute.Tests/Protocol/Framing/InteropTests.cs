using EdgeRoute.Protocol.Framing;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>Two implementations by other hands read what this one writes, and write what this one reads.</summary>
public sealed class InteropTests
{
    private static readonly string Script = TestPlaces.Fixture("msgpack", "interop.py"), NodeScript = TestPlaces.Fixture("msgpack",
        "interop.mjs");

    [SkippableFact]
    public void Python_reads_what_is_written_here() => Read(Interpreter.NeedPython(), Script);

    [SkippableFact]
    public void JavaScript_reads_what_is_written_here() => Read(Interpreter.NeedNode(), NodeScript);

    [SkippableFact]
    public void What_Python_writes_is_read_here() => Write(Interpreter.NeedPython(), Script, value => value);

    /// <summary>Keys of a JavaScript object are always text.</summary>
    [SkippableFact]
    public void What_JavaScript_writes_is_read_here() => Write(Interpreter.NeedNode(), NodeScript, WithKeysAsText);

    private static void Read(string program, string script)
    {
        using var folder = new TemporaryFolder();
        string written = Path.Combine(folder.Path, "values.bin"), all = Path.Combine(folder.Path, "all.bin");
        File.WriteAllBytes(written, [.. ValueTable.Rows.SelectMany(r => r.Value.ToBytes())]);
        File.WriteAllBytes(all, [.. ValueTable.Rows.SelectMany(r => r.Bytes)]);
        foreach (string path in new[] { written, all })
        {
            var (exitCode, text) = Interpreter.Run(program, script, "read", path);
            Assert.True(exitCode == 0, text);
            Assert.Contains($"{ValueTable.Rows.Count} values", text);
        }
    }

    private static void Write(string program, string script, Func<MessageValue, MessageValue> asWritten)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "values.bin");
        var (exitCode, text) = Interpreter.Run(program, script, "write", path);
        Assert.True(exitCode == 0, text);
        byte[] bytes = File.ReadAllBytes(path);
        int at = 0;
        foreach (var row in ValueTable.Rows)
        {
            var reader = new MessageReader(bytes, at);
            var wanted = asWritten(row.Value);
            Assert.True(wanted == MessageValue.Read(ref reader), row.Name);
            byte[] expected = wanted.ToBytes();
            Assert.True(expected.AsSpan().SequenceEqual(bytes.AsSpan(at, Math.Min(expected.Length, bytes.Length - at))), row.Name);
            at += expected.Length;
        }

        Assert.Equal(bytes.Length, at);
    }

    private static MessageValue WithKeysAsText(MessageValue value) => value.Kind != MessagePackType.Map ? value : value with
    {
        Items = [.. value.Items.Select((item, i) => i % 2 == 0 && item.Kind == MessagePackType.Integer
            ? MessageValue.OfText(item.Integer.ToString()) : item)],
    };
}
