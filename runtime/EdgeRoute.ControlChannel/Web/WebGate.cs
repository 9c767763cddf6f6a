using System.Security.Cryptography;
using System.Text;

namespace EdgeRoute.ControlChannel.Web;

/// <summary>
/// Who may open a WebSocket: whoever knows the token, where there is one, and pages of certain origins. A browser lets any page of the
/// world connect to this machine, and says only whose page it is; programs that are no browser say nothing, and are let in.
/// </summary>
/// <param name="token">Null where none is wanted.</param>
/// <param name="origins">
/// As browsers send them, or <see cref="AnyOrigin"/>; null: with a token any, because a page that knows it was given it, else pages of this
/// machine.
/// </param>
public sealed class WebGate(string? token, IReadOnlyList<string>? origins)
{
    public const string AnyOrigin = "*", TokenKey = "token";

    private const string Scheme = "Bearer ";

    private readonly byte[]? _digest = token is null ? null : DigestOf(token);

    /// <exception cref="HttpRefusedException">It may not.</exception>
    public void Check(HttpHead head)
    {
        if (_digest is not null)
        {
            CheckToken(head, _digest);
        }

        if (head.Header("Origin") is { } origin && !IsWelcome(origin))
        {
            throw new HttpRefusedException("403 Forbidden",
                $"pages of {origin} may not read here; the output's 'origins' names those that may");
        }
    }

    private static void CheckToken(HttpHead head, byte[] digest)
    {
        string? given = head.Header("Authorization") is { } header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..].Trim() : head.Query.FirstOrDefault(q => q.Key == TokenKey).Value;
        if (given is null || !CryptographicOperations.FixedTimeEquals(DigestOf(given), digest))
        {
            string words = given is null ? $"a token is wanted: as the header 'Authorization: {Scheme}TOKEN', or as ?{TokenKey}=TOKEN"
                : "this is not the token of the output's 'token_file'";
            throw new HttpRefusedException("401 Unauthorized", words, $"WWW-Authenticate: {Scheme.Trim()}\r\n");
        }
    }

    private bool IsWelcome(string origin)
    {
        if (origins is not null)
        {
            return origins.Contains(AnyOrigin) || origins.Contains(origin, StringComparer.OrdinalIgnoreCase);
        }

        // A name that a stranger's server gives this machine's address to stays a name: only what is this machine everywhere counts.
        return _digest is not null || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.IsLoopback);
    }

    private static byte[] DigestOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
