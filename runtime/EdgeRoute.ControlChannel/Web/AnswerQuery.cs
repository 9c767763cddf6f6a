using System.Globalization;
using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>What the query of an address wants of answers.</summary>
/// <param name="Format">Null where it does not say.</param>
public sealed record AnswerQuery(SubscribeRequest Request, AnswerFormat? Format)
{
    private const string Source = "source", Class = "class", MinConfidence = "min_confidence", OnlyChanges = "only_changes",
        RateHz = "rate_hz", FormatKey = "format";

    private static readonly string[] Keys = [Source, Class, MinConfidence, OnlyChanges, RateHz, FormatKey, WebGate.TokenKey];

    /// <param name="labels">Names of the classes of a stream, or of all with an empty name; null where there is no such stream.</param>
    /// <exception cref="HttpRefusedException">A key or value that cannot be meant.</exception>
    public static AnswerQuery Of(HttpHead head, Func<string, IReadOnlyCollection<string>?> labels)
    {
        if (head.Query.FirstOrDefault(q => !Keys.Contains(q.Key)) is { Key: { } unknown })
        {
            throw Bad($"unknown key '{unknown}'; {NearestName.Suggest(unknown, Keys)}");
        }

        if (Keys.Where(k => k != Class).FirstOrDefault(k => head.Query.Count(q => q.Key == k) > 1) is { } twice)
        {
            throw Bad($"'{twice}' stands there more than once");
        }

        var filter = new AnswerFilter
        {
            Classes = [.. head.Query.Where(q => q.Key == Class).Select(q => q.Value)],
            MinConfidence = Number(head, MinConfidence),
            OnlyChanges = ChoiceOf(head, OnlyChanges, ["", "true", "false"]) is "" or "true",
        };
        var request = new SubscribeRequest { Stream = ValueOf(head, Source) ?? "", RateHz = Number(head, RateHz), Filter = filter };
        string[] formats = [.. ConfigEnums.AnswerFormats.Select(f => f.Text)];
        string? format = ChoiceOf(head, FormatKey, formats);
        try
        {
            AnswerPick.Check(head.Path, request, labels);
        }
        catch (RpcRefusedException refused)
        {
            string hint = refused.Error.Hint is { } text ? $"; {text}" : "";
            throw new HttpRefusedException(refused.Error.Code == RpcErrorCode.NotFound ? "404 Not Found" : "400 Bad Request",
                refused.Message + hint);
        }

        return new AnswerQuery(request, format is null ? null : ConfigEnums.AnswerFormats[Array.IndexOf(formats, format)].Value);
    }

    private static string? ValueOf(HttpHead head, string key) => head.Query.FirstOrDefault(q => q.Key == key).Value;

    private static double Number(HttpHead head, string key)
    {
        if (ValueOf(head, key) is not { } text)
        {
            return 0;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out double value) ? value : throw Bad($"{key} is '{text}'; it must be a number");
    }

    /// <summary>Null where the key is absent.</summary>
    private static string? ChoiceOf(HttpHead head, string key, string[] words) => ValueOf(head, key) is not { } text || words.Contains(text)
        ? ValueOf(head, key) : throw Bad($"{key} is '{text}'; it must be one of {string.Join(", ", words.Where(w => w.Length > 0))}");

    private static HttpRefusedException Bad(string words) => new("400 Bad Request", words);
}
