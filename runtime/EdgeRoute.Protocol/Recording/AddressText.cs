using System.Text.RegularExpressions;

namespace EdgeRoute.Protocol.Recording;

/// <summary>Recordings and logs are handed around, so the addresses in them carry no credentials.</summary>
public static partial class AddressText
{
    /// <summary>
    /// A text with the secrets of the addresses in it replaced by <c>***</c>: user and password, every value behind the question mark or
    /// the number sign, and the values of properties that hold a user, password, key or token. Of our own schemes, which know no secrets,
    /// the values stay. In doubt more is hidden: a password with a slash, written raw, is taken for what was meant.
    /// </summary>
    public static string WithoutSecrets(string address)
    {
        string text = QueryOfUrl().Replace(BareUser().Replace(UserOfUrl().Replace(address, "$1***@"), "***@"), HideValues);
        text = SecretProperty().Replace(HeaderText().Replace(text, "$1$2***"), "$1***");
        return SecretSegment().Replace(text, "$1***");
    }

    private static string HideValues(Match query) => query.Groups["own"].Success ? query.Value
        : query.Groups["head"].Value + ValueOfQuery().Replace(query.Groups["query"].Value, "$1***");

    // Quotes and at signs may be part of a password, so it ends at the last at sign before a space. The second way is a password with a raw
    // slash: a colon that no port number follows. One slash alone is a slip that must not print a password.
    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.\-]*:/{1,2})(?:[^\s/]*@(?:\S*@)?|[^\s/:\[""']*:(?!\d{1,5}(?:[/\s""']|$))\S*@)")]
    private static partial Regex UserOfUrl();

    // The same where the scheme was forgotten.
    [GeneratedRegex(@"(?<=^|[\s""'=(])[^\s/:@""'=]+:(?!/|\d{1,5}(?:[/\s""']|$))[^\s@""']+@")]
    private static partial Regex BareUser();

    [GeneratedRegex(@"(?<head>(?:(?<own>\b(?:sim|test|v4l2))|[A-Za-z][A-Za-z0-9+.\-]*):/{1,2}[^\s""'?#]*)(?<query>[?#][^\s""']*)")]
    private static partial Regex QueryOfUrl();

    // A part without a sign of equality is all value.
    [GeneratedRegex("([?&;#](?:[^=&;#]*=)?)[^&;#]+")]
    private static partial Regex ValueOfQuery();

    // A value goes on to the next space, whatever is in it, unless it is quoted; GStreamer allows its type in front. The word may be the
    // end of a longer name, such as x-api-key or accessToken.
    [GeneratedRegex(@"(\b(?:[\w\-]*(?:user-id|user-pw|username|user|usr|password|passwd|passphrase|passcode|pwd|proxy-id|proxy-pw|token"
        + @"|secret|credentials?|authorization|cookies?|signature|apikey|accesskey)|(?:[\w\-]*[\-_])?(?:key|pass|pw|auth))"
        + @"\s*=\s*(?:\(\w+\)\s*)?)(?:""(?:\\.|[^""\\])*""|'(?:\\.|[^'\\])*'|(?:\\.|[^\s""'])+)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretProperty();

    // Headers of a request: a structure of souphttpsrc, or a line as they are sent.
    [GeneratedRegex(@"(\bextra-headers\s*=\s*(?:\(\w+\)\s*)?)(?:""(?:\\.|[^""\\])*""|'(?:\\.|[^'\\])*'|(?:\\.|[^\s""'])+)"
        + @"|(\bauthorization\s*:\s*)(?:(?:bearer|basic|digest)\s+)?[^\s""']+", RegexOptions.IgnoreCase)]
    private static partial Regex HeaderText();

    // A part of a path behind a word that says it is a secret, and what follows a colon in a part of a path, as some cameras have them.
    [GeneratedRegex(@"((?<!\b(?:v4l2|sim|test|file)):/{1,2}[^\s/""']+/(?:[^\s""'?#]*?/)?(?:(?:token|key|password|passwd|pwd|secret|auth"
        + @"|apikey)/|[^\s/""':?#]+:))[^\s/""'?#]+", RegexOptions.IgnoreCase)]
    private static partial Regex SecretSegment();
}
