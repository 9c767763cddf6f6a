using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Mqtt;

/// <summary>From messages at a broker to one robot's state and task. What is no state is not used, and is said; no zeros.</summary>
/// <param name="warn">Told of what is wrong with messages.</param>
internal sealed class StateFeed(StateWish wish, TimeProvider clock, Action<string> warn)
{
    /// <summary>A state of a hundred joints with names has less.</summary>
    private const int BytesMost = 64 << 10;

    /// <summary>Clocks that are set by the network differ by less; a state from further ahead would stay young for as long.</summary>
    private const double AheadMsMost = 1000;

    private readonly float[] _values = new float[StateInput.LengthLimit];
    private int _count;

    public StateWish Wish { get; } = wish;

    /// <param name="isRetained">The broker had kept it: nobody knows for how long.</param>
    public void Take(string topic, ReadOnlySequence<byte> payload, bool isRetained)
    {
        bool isInstruction = topic == Wish.Config.InstructionTopic;
        if (!isInstruction && (topic != Wish.Config.Topic || (isRetained && Wish.Config.UtcNs is null)))
        {
            return;
        }

        try
        {
            if (payload.Length > BytesMost)
            {
                throw new FormatException($"it has {payload.Length} bytes; at most {BytesMost} are read");
            }

            if (isInstruction)
            {
                Instruct(payload, isRetained);
            }
            else
            {
                Put(payload);
            }
        }
        catch (Exception refused) when (refused is FormatException or JsonException or DecoderFallbackException)
        {
            string words = refused is FormatException ? refused.Message : "it is no JSON";
            Wish.Mailbox.Refuse($"the last message on '{topic}' was not used: {words}");
            warn($"source {Wish.Source}: a message on '{topic}' is not used: {words}");
        }
    }

    private void Put(ReadOnlySequence<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        _count = 0;
        var fields = Wish.Config.Fields;
        if (fields.Count == 0)
        {
            Add(document.RootElement, "the message");
        }

        foreach (string field in fields)
        {
            Add(At(document.RootElement, field), $"'{field}'");
        }

        if (_count != Wish.Pack.StateLength)
        {
            throw new FormatException($"it has {_count} values; the pack '{Wish.Pack.Name}' wants a state of {Wish.Pack.StateLength}");
        }

        long nowNs = clock.NowNs();
        Wish.Mailbox.Put(_values.AsSpan(0, _count), nowNs - AgeNs(document.RootElement), nowNs);
    }

    /// <summary>From the measurement to now.</summary>
    private long AgeNs(JsonElement message)
    {
        if (Wish.Config.UtcNs is not { } field)
        {
            return 0;
        }

        var told = At(message, field);
        if (told.ValueKind != JsonValueKind.Number || !told.TryGetDouble(out double utcNs))
        {
            throw new FormatException($"'{field}' is no number of nanoseconds since 1970");
        }

        double ageNs = clock.UtcNs() - utcNs;
        if (ageNs < -AheadMsMost * 1e6)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{field}' is {-ageNs / 1e9:0.0} s ahead of the "
                + $"device's clock; set both clocks by the network, and give nanoseconds since 1970"));
        }

        return (long)Math.Clamp(ageNs, 0, long.MaxValue / 2);
    }

    private void Instruct(ReadOnlySequence<byte> payload, bool isRetained)
    {
        string words = Encoding.UTF8.GetString(payload);
        if (Wish.Config.Instruction is { } field)
        {
            using var document = JsonDocument.Parse(payload);
            var told = At(document.RootElement, field);
            words = told.ValueKind == JsonValueKind.String ? told.GetString()! : throw new FormatException($"'{field}' is no text");
        }

        if (ProblemOf(words) is { } problem)
        {
            throw new FormatException($"the instruction is '{words}', but {problem}");
        }

        Wish.Mailbox.Instruct(words, clock.NowNs(), isRetained);
    }

    private string? ProblemOf(string words)
    {
        if (Wish.Pack.Language is not { } language)
        {
            return $"the pack '{Wish.Pack.Name}' takes no instruction";
        }

        return words.Length > 0 ? language.Tokenize(words, new long[language.Length]) : null;
    }

    /// <summary>A number, a switch, or a list of them.</summary>
    private void Add(JsonElement told, string what)
    {
        if (told.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in told.EnumerateArray())
            {
                Add(one, $"an entry of {what}");
            }

            return;
        }

        float value = told.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            JsonValueKind.Number when told.TryGetSingle(out float number) && float.IsFinite(number) => number,
            _ => throw new FormatException($"{what} is no number"),
        };
        if (_count == _values.Length)
        {
            throw new FormatException($"it has more than {_values.Length} values");
        }

        _values[_count++] = value;
    }

    private static JsonElement At(JsonElement message, string field)
    {
        var at = message;
        foreach (string part in field.Split('.'))
        {
            bool isThere = at.ValueKind == JsonValueKind.Object ? at.TryGetProperty(part, out var next) : EntryOf(at, part, out next);
            at = isThere ? next : throw new FormatException($"it has no '{field}'");
        }

        return at;
    }

    private static bool EntryOf(JsonElement list, string part, out JsonElement entry)
    {
        bool isThere = list.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture,
            out int index) && index < list.GetArrayLength();
        entry = isThere ? list[int.Parse(part, CultureInfo.InvariantCulture)] : default;
        return isThere;
    }
}
