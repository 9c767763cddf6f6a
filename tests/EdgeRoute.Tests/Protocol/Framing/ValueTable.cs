using System.Globalization;
using System.Text;
using System.Text.Json;
using MessagePack;

namespace EdgeRoute.Tests.Protocol.Framing;

/// <summary>
/// One row of tests/fixtures/msgpack/values.json: a value, its bytes, and whether those are the shortest form, which writers choose.
/// </summary>
internal sealed record ValueRow(string Name, byte[] Bytes, MessageValue Value, bool IsShortest)
{
    public override string ToString() => Name;
}

/// <summary>The table of byte fixtures that C#, Python and JavaScript share. README.md beside it says what its words mean.</summary>
internal static class ValueTable
{
    public static IReadOnlyList<ValueRow> Rows { get; } = Load();

    private static List<ValueRow> Load()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(TestPlaces.Fixture("msgpack", "values.json")));
        return [.. json.RootElement.EnumerateArray().Select(Row)];
    }

    private static ValueRow Row(JsonElement row)
    {
        bool isShortest = !row.TryGetProperty("shortest", out var shortest) || shortest.GetBoolean();
        return new ValueRow(row.GetProperty("name").GetString()!, BytesOf(row),
            ValueOf(row.GetProperty("value").EnumerateObject().Single()), isShortest);
    }

    private static byte[] BytesOf(JsonElement row)
    {
        var bytes = new MemoryStream();
        bytes.Write(Hex(row.GetProperty("hex")));
        if (row.TryGetProperty("repeat", out var repeat))
        {
            bytes.Write([.. Enumerable.Repeat(Hex(repeat[0]), repeat[1].GetInt32()).SelectMany(b => b)]);
        }

        for (int i = 0; row.TryGetProperty("pairs", out var pairs) && i < pairs.GetInt32(); i++)
        {
            // Keys count up in their shortest form, and every value is nil; below 65,536 that is one of three forms.
            byte[] pair = i switch
            {
                < 128 => [(byte)i, 0xC0],
                < 256 => [0xCC, (byte)i, 0xC0],
                _ => [0xCD, (byte)(i >> 8), (byte)i, 0xC0],
            };
            bytes.Write(pair);
        }

        return bytes.ToArray();
    }

    private static MessageValue ValueOf(JsonProperty value)
    {
        var (word, what) = (value.Name, value.Value);
        return word switch
        {
            "nil" => MessageValue.Nil,
            "bool" => new MessageValue(MessagePackType.Boolean) { Integer = what.GetBoolean() ? 1 : 0 },
            "int" => MessageValue.OfInteger(Int128.Parse(what.GetString()!, CultureInfo.InvariantCulture)),
            "f32" => MessageValue.OfSingle((float)Number(what.GetString()!)),
            "f64" => MessageValue.OfDouble(Number(what.GetString()!)),
            "text" => MessageValue.OfText(what.GetString()!),
            "text_of" => MessageValue.OfText(Encoding.UTF8.GetString([.. Repeated(what, 0)])),
            "bin" => new MessageValue(MessagePackType.Binary) { Bytes = Hex(what) },
            "bin_of" => new MessageValue(MessagePackType.Binary) { Bytes = [.. Repeated(what, 0)] },
            "array" => new MessageValue(MessagePackType.Array) { Items = [.. what.EnumerateArray().Select(Single)] },
            "array_of" => new MessageValue(MessagePackType.Array) { Items =
                [.. Repeated(what, 0).Select(b => MessageValue.Read(new[] { b }))] },
            "map" => new MessageValue(MessagePackType.Map) { Items =
                [.. what.EnumerateArray().SelectMany(p => p.EnumerateArray()).Select(Single)] },
            "map_of" => new MessageValue(MessagePackType.Map)
            {
                Items = [.. Enumerable.Range(0, what.GetInt32())
                    .SelectMany<int, MessageValue>(i => [MessageValue.OfInteger(i), MessageValue.Nil])],
            },
            "ext" => new MessageValue(MessagePackType.Extension) { Type = what[0].GetSByte(), Bytes = Hex(what[1]) },
            "ext_of" => new MessageValue(MessagePackType.Extension) { Type = what[0].GetSByte(), Bytes = [.. Repeated(what, 1)] },
            "time" => MessageValue.OfTime(long.Parse(what[0].GetString()!, CultureInfo.InvariantCulture), what[1].GetUInt32()),
            _ => throw new InvalidDataException($"'{word}' is no kind of value in values.json"),
        };
    }

    private static MessageValue Single(JsonElement value) => ValueOf(value.EnumerateObject().Single());

    private static byte[] Hex(JsonElement text) => Convert.FromHexString(text.GetString()!);

    private static IEnumerable<byte> Repeated(JsonElement what, int at) => Enumerable.Repeat(Hex(what[at])[0], what[at + 1].GetInt32());

    /// <summary>The NaN without a sign, as the table's bytes have it; .NET's own has one.</summary>
    private static double Number(string text) => text switch
    {
        "nan" => BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0000),
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
