using System.Text.RegularExpressions;

namespace EdgeRoute.Protocol.Recording;

/// <summary>Recordings and logs are handed around, so the addresses in them carry no credentials.</summary>
public static partial class AddressText
{
    /// <summary>
    /// A text with user and password of the URLs in it, and the values of properties and query keys that hold a user, password or token,
    /// replaced by <c>***</c>. In doubt more is hidden: a password with a slash, written raw, is taken for what was meant.
    /// </summary>
    public static string WithoutSecrets(string address) => SecretProperty().Replace(UserOfUrl().Replace(address, "$1***@"), "$1***");

    // The second way is a password with a raw slash: a colon that no port number follows. One slash alone is a slip that must not print a
    // password.
    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.\-]*:/{1,2})(?:[^\s/""']*|[^\s/:\[""']*:(?!\d{1,5}(?:[/\s""']|$))[^\s""']*)@")]
    private static partial Regex UserOfUrl();

    // A value goes on to the next space, whatever is in it, unless it is quoted; GStreamer allows its type in front.
    [GeneratedRegex(@"(\b(?:user-id|user-pw|user|usr|password|passwd|pwd|passphrase|proxy-id|proxy-pw|token)\s*=\s*(?:\(\w+\)\s*)?)"
        + @"(?:""(?:\\.|[^""\\])*""|'(?:\\.|[^'\\])*'|(?:\\.|[^\s""'])+)")]
    private static partial Regex SecretProperty();
}
