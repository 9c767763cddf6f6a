using System.Text.RegularExpressions;

namespace EdgeRoute.Protocol.Recording;

/// <summary>Recordings and logs are handed around, so the addresses in them carry no credentials.</summary>
public static partial class AddressText
{
    /// <summary>Stands for a blank that is part of an address; no text of people has it.</summary>
    private const char Blank = '\ue000';

    /// <summary>Of a property: pieces with and without quotes, or a quote that nothing closes.</summary>
    private const string Value = @"(?:(?:""(?:\\.|[^""\\])*""|'(?:\\.|[^'\\])*'|\\.|[^\s""'])+(?:[""'](?:(?! ! )[^\n])*)?"
        + @"|[""'](?:(?! ! )[^\n])*)";

    /// <summary>
    /// A text with the secrets of the addresses in it replaced by <c>***</c>: user and password, every value behind the question mark or
    /// the number sign, and the values of properties that hold a user, password, key or token. Of our own schemes, which know no secrets,
    /// the values stay. In doubt more is hidden: a password with a slash, written raw, is taken for what was meant.
    /// </summary>
    public static string WithoutSecrets(string address)
    {
        string text = KnownSecrets.Hide(address), hidden = HiddenOnce(text);

        // What is hidden may bring the next thing to light.
        while (hidden != text)
        {
            text = hidden;
            hidden = HiddenOnce(text);
        }

        return text;
    }

    /// <summary>The same of a source's whole address or pipeline: in an address a blank ends nothing.</summary>
    public static string OfSource(string address) => BeginOfUrl().IsMatch(address)
        ? WithoutSecrets(KnownSecrets.Hide(address).Replace(' ', Blank)).Replace(Blank, ' ') : WithoutSecrets(address);

    private static string HiddenOnce(string address)
    {
        string text = BareUser().Replace(UserOfUrl().Replace(address, "$1***@"), "***@");
        text = HeaderText().Replace(QueryOfUrl().Replace(text, HideValues), "$1$2$3***");
        text = SecretField().Replace(SecretProperty().Replace(text, "$1***"), "$1***");
        return SecretSegment().Replace(text, "$1***");
    }

    private static string HideValues(Match query) => query.Groups["own"].Success ? query.Value
        : query.Groups["head"].Value + ValueOfQuery().Replace(query.Groups["query"].Value, "$1***");

    [GeneratedRegex(@"^\s*[A-Za-z][A-Za-z0-9+.\-]*:/")]
    private static partial Regex BeginOfUrl();

    // Quotes, blanks and at signs may be part of a password. One with a colon in front ends at the last at sign before a slash, or
    // before the next element of a pipeline; else it ends before a blank. A raw slash may be in one where no port number follows
    // the colon. One slash alone is a slip that must not print a password.
    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.\-]*:/{1,2})(?:[^\s/:\[""'@]*:(?=\S)(?!\d{1,5}(?:[/\s""']|$))(?:(?! ! |://)[^@/\n])*@"
        + @"(?:(?:(?! ! |://)[^@/\n])*@)*(?:\S*@)?|[^\s/]*@(?:\S*@)?|[^\s/:\[""']*:(?!\d{1,5}(?:[/\s""']|$))\S*@)")]
    private static partial Regex UserOfUrl();

    // The same where the scheme was forgotten.
    [GeneratedRegex(@"(?<=^|[\s""'=(]|//)[^\s/:@""'=]+:(?!/|\d{1,5}(?:[/\s""']|$))[^\s@""']+@")]
    private static partial Regex BareUser();

    // A blank belongs to a value where another key follows it.
    [GeneratedRegex(@"(?<head>(?:(?<own>\b(?:sim|test|v4l2))|[A-Za-z][A-Za-z0-9+.\-]*):/{1,2}[^\s""'?#]*)"
        + @"(?<query>[?#][^\s""']*(?:(?: (?!! )[^\s""'&]*)+&[\w\-]+=[^\s""']*)*)")]
    private static partial Regex QueryOfUrl();

    // A part without a sign of equality is all value.
    [GeneratedRegex("([?&;#](?:[^=&;#]*=)?)[^&;#]+")]
    private static partial Regex ValueOfQuery();

    // A value goes on to the next space, whatever is in it, unless it is quoted; GStreamer allows its type in front. The word may be the
    // end of a longer name, such as x-api-key or accessToken. Without its closing quote it goes on to the next element.
    [GeneratedRegex(@"(\b(?:[\w\-]*(?:user-id|user-pw|username|user|usr|password|passwd|passphrase|passcode|pwd|proxy-id|proxy-pw|token"
        + @"|secret|credentials?|authorization|cookies?|signature|apikey|accesskey|sess(?:ion)?id)|(?:[\w\-]*[\-_])?(?:key|pass|pw|auth"
        + @"|pem|iv|sid))\s*=\s*(?:\(\w+\)\s*)?)" + Value, RegexOptions.IgnoreCase)]
    private static partial Regex SecretProperty();

    // The same as headers and documents have it: only words that say no other thing.
    [GeneratedRegex(@"(\b[\w\-]*(?:password|passwd|passphrase|passcode|pwd|token|secret|credentials?|apikey|accesskey|[\-_]key)[""']?"
        + @"\s*:(?![/\\])\s*(?!\*\*\*))(?:""(?:\\.|[^""\\])*""|'(?:\\.|[^'\\])*'|[^\s""',;}]+)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretField();

    // Headers of a request: a structure of souphttpsrc, or a line as they are sent.
    [GeneratedRegex(@"(\bextra-headers\s*=\s*(?:\(\w+\)\s*)?)" + Value + @"|(\b(?:set-)?cookie2?\s*:\s*|\bdigest\s+(?=\w+=))[^\n]+"
        + @"|(\bauthorization\s*[:=]\s*(?:digest\s+)?)(?:(?:bearer|basic|token)\s+)?[^\s""']+", RegexOptions.IgnoreCase)]
    private static partial Regex HeaderText();

    // A part of a path behind a word that says it is a secret, and what follows a colon in a part of a path, as some cameras have them.
    [GeneratedRegex(@"((?<!\b(?:v4l2|sim|test|file)):/{1,2}[^\s/""']+/(?:[^\s""'?#]*?/)?(?:(?:token|key|password|passwd|pwd|secret|auth"
        + @"|apikey)/|[^\s/""':?#]+:))[^\s/""'?#]+", RegexOptions.IgnoreCase)]
    private static partial Regex SecretSegment();
}
