using System.Text.RegularExpressions;

namespace EdgeRoute.Protocol.Recording;

/// <summary>Recordings are handed around, so the addresses in them carry no credentials.</summary>
public static partial class AddressText
{
    /// <summary>
    /// An address or pipeline with user and password of its URLs, and the values of GStreamer's user and password properties, replaced by <c>***</c>.
    /// </summary>
    public static string WithoutSecrets(string address) => SecretProperty().Replace(UserOfUrl().Replace(address, "$1***@"), "$1***");

    [GeneratedRegex(@"([A-Za-z][A-Za-z0-9+.\-]*://)[^\s/?#""']*@")]
    private static partial Regex UserOfUrl();

    [GeneratedRegex(@"(\b(?:user-id|user-pw|user|password|proxy-id|proxy-pw)\s*=\s*)(?:""[^""]*""|[^\s!]+)")]
    private static partial Regex SecretProperty();
}
