using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace EdgeRoute.Cli.Page;

/// <summary>
/// Who may see the page: the browser that brought the token of the address, once. It gets a cookie that no script reads and no other site
/// makes it send. Another user of this machine, and a page of another site that has a name lead here, come to a closed door.
/// </summary>
internal sealed class PageDoor
{
    public const string ViewerPath = "/foxglove";

    private const int SecretBytes = 32;

    private readonly int _port;
    private readonly string _cookieName;
    private readonly string _cookie = NewSecret();
    private readonly string _viewerToken = NewSecret();
    private string? _token = NewSecret();

    public PageDoor(int port)
    {
        (_port, _cookieName) = (port, $"edgeroute-{port}");
        Address = $"http://127.0.0.1:{port}/open?token={_token}";
        ViewerAddress = $"ws://127.0.0.1:{port}{ViewerPath}?token={_viewerToken}";
    }

    /// <summary>Opens the page once.</summary>
    public string Address { get; }

    /// <summary>
    /// For viewers, which keep their address and dial it again by themselves: its token, another one, is good as long as the command runs,
    /// and opens pictures and figures alone.
    /// </summary>
    public string ViewerAddress { get; }

    /// <summary>A name that leads to this machine from elsewhere (DNS rebinding) is not one that the page has.</summary>
    public bool IsOwnHost(HttpRequest request) => IsOwn(request.Host.Value ?? "");

    /// <summary>Browsers say where the page that opens a WebSocket comes from; other programs bring no cookie.</summary>
    public bool IsOwnOrigin(HttpRequest request) => request.Headers.Origin.ToString() is { } origin
        && origin.StartsWith("http://", StringComparison.Ordinal) && IsOwn(origin["http://".Length..]);

    public bool HasViewerToken(HttpRequest request) => IsSame(request.Query["token"], _viewerToken);

    public bool HasCookie(HttpRequest request) => IsSame(request.Cookies[_cookieName], _cookie);

    /// <summary>Takes the token, which is worth nothing from then on, and gives the cookie.</summary>
    public bool TryOpen(HttpContext context)
    {
        string? wanted = Volatile.Read(ref _token);
        if (!IsSame(context.Request.Query["token"], wanted) || Interlocked.CompareExchange(ref _token, null, wanted) != wanted)
        {
            return false;
        }

        context.Response.Cookies.Append(_cookieName, _cookie,
            new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
        return true;
    }

    private bool IsOwn(string host) => host == $"127.0.0.1:{_port}" || host == $"localhost:{_port}";

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    private static bool IsSame(string? given, string? wanted) => given is not null && wanted is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(wanted));
}
