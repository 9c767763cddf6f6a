using System.Globalization;

namespace EdgeRoute.Documents.Configs;

/// <summary>
/// An address of a camera on the network, taken apart. A password may stand in it as it is: what lies before the host is found by where a
/// host can be, and percent signs with two digits behind them are read as everywhere else. Where two hosts can be meant none is taken:
/// the wrong one would be sent the password.
/// </summary>
/// <param name="Bare">The address without user and password.</param>
/// <param name="User">Null where the address names none.</param>
public sealed record NetworkAddress(string Bare, string? User, string Password)
{
    /// <summary>Null where the text names no host, or one of several.</summary>
    public static NetworkAddress? Of(string text) => Of(text, out _);

    /// <param name="isUnclear">More than one host can be meant.</param>
    internal static NetworkAddress? Of(string text, out bool isUnclear)
    {
        int begin = text.IndexOf("://", StringComparison.Ordinal) + 3;
        string rest = text[begin..];
        int found = -2;
        isUnclear = false;
        for (int at = -1; at >= -1; at = NextAt(rest, at))
        {
            string host = AuthorityOf(rest[(at + 1)..]);
            bool isHost = !host.Contains('@') && IsHost(host);

            // A single word behind an '@' may be part of a password, if a name with a dot or a port follows another '@'.
            isUnclear |= isHost && found >= 0 && IsWhole(host) && !IsWhole(AuthorityOf(rest[(found + 1)..]));
            found = isHost && found == -2 ? at : found;
        }

        return found == -2 || isUnclear ? null : Made(text[..begin], rest, found);
    }

    /// <summary>-2 where no more '@' follow.</summary>
    private static int NextAt(string text, int at)
    {
        int next = text.IndexOf('@', at + 1);
        return next < 0 ? -2 : next;
    }

    private static bool IsWhole(string host) => host == "localhost" || host.AsSpan().ContainsAny('.', ':');

    private static string AuthorityOf(string text)
    {
        int end = text.AsSpan().IndexOfAny("/?#");
        return end < 0 ? text : text[..end];
    }

    private static NetworkAddress Made(string scheme, string rest, int at)
    {
        if (at < 0)
        {
            return new NetworkAddress(scheme + rest, null, "");
        }

        int colon = rest.IndexOf(':');
        bool hasPassword = colon >= 0 && colon < at;
        string user = rest[..(hasPassword ? colon : at)];
        string password = hasPassword ? rest[(colon + 1)..at] : "";
        return new NetworkAddress(scheme + rest[(at + 1)..], Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
    }

    private static bool IsHost(string authority)
    {
        int colon = authority.StartsWith('[') ? authority.IndexOf("]:", StringComparison.Ordinal) + 1 : authority.IndexOf(':');
        bool hasPort = colon > 0;
        bool isPort = !hasPort || (int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= ushort.MaxValue);
        bool isClosed = !authority.StartsWith('[') || authority.IndexOf(']', StringComparison.Ordinal) > 1;
        return authority.Length > 0 && authority[0] != ':' && isPort && isClosed;
    }
}
