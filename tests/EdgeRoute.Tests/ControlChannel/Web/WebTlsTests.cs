using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Tests.ControlChannel.Trust;

namespace EdgeRoute.Tests.ControlChannel.Web;

public sealed class WebTlsTests : IDisposable
{
    private static readonly (string What, string Advice) Words = ("pages", "Choose another.");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pages_and_sockets_are_served_by_the_certificate_that_was_given()
    {
        var (tls, own) = Make();
        WebReply Answer(HttpHead head, string peer) => head.Header("Upgrade") is null ? new HttpPage("200 OK", "page")
            : new WebSocketReply(s => new WebSocketClient(s, peer, WebSocketMessageType.Text).Run());
        using var door = new WebHosts().Open(new IPEndPoint(IPAddress.Loopback, 0), "/answers", Answer, Words, tls);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(door.LocalEndPoint);
        await using var page = new SslStream(tcp.GetStream(), false,
            (_, shown, _, _) => shown!.GetCertHashString() == own.GetCertHashString());
        await page.AuthenticateAsClientAsync("robot");
        await page.WriteAsync("GET /answers HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.EndsWith("page", await new StreamReader(page, Encoding.UTF8).ReadToEndAsync(), StringComparison.Ordinal);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == own.GetCertHashString();
        await socket.ConnectAsync(new Uri($"wss://{door.LocalEndPoint}/answers"), default);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);
        string plain = RawClient.Exchange(door.LocalEndPoint, "GET /answers HTTP/1.1\r\n\r\n");
        Assert.DoesNotContain("HTTP", plain, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_others_may_read_or_that_is_none_is_refused()
    {
        Make();
        FileModes.Set(_folder.File("key.pem"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("is open to others", Refusal("certificate.pem", "key.pem"), StringComparison.Ordinal);
        FileModes.Set(_folder.File("key.pem"), UnixFileMode.UserRead);
        FileModes.Set(_folder.Write("other.pem", "no key"), UnixFileMode.UserRead);
        Assert.Contains("are no certificate and its key in PEM", Refusal("certificate.pem", "other.pem"), StringComparison.Ordinal);
        Assert.Contains("are no certificate and its key in PEM", Refusal("key.pem", "key.pem"), StringComparison.Ordinal);
        Assert.Contains("there is no file", Refusal("none.pem", "key.pem"), StringComparison.Ordinal);
    }

    private string Refusal(string certificate, string key) =>
        Assert.Throws<TrustException>(() => new WebTls(_folder.File(certificate), _folder.File(key))).Message;

    private (WebTls Tls, X509Certificate2 Own) Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var own = new CertificateRequest("CN=robot", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1));
        string certificate = _folder.Write("certificate.pem", own.ExportCertificatePem());
        string keyFile = _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        FileModes.Set(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (new WebTls(certificate, keyFile), own);
    }
}
