using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Recording;

namespace EdgeRoute.Tests.Protocol.Recording;

/// <summary>Addresses as they are shown: in every form that a camera's owner may write a secret in, it is hidden.</summary>
public sealed class AddressTextTests
{
    [Theory]
    [InlineData("rtsp://robot:s3cr3t@10.0.0.7:554/a?b=1", "rtsp://***@10.0.0.7:554/a?b=***")]
    [InlineData("rtsp://10.0.0.7/user@home", "rtsp://10.0.0.7/user@home")]
    [InlineData("rtspsrc location=rtsp://h/a user-id=bob user-pw=\"x y\" ! fakesink",
        "rtspsrc location=rtsp://h/a user-id=*** user-pw=*** ! fakesink")]
    [InlineData("a rtsp://u:p@b/c d http://e/f", "a rtsp://***@b/c d http://e/f")]
    [InlineData("rtsp://admin:se@cret@camera/1?profile=2", "rtsp://***@camera/1?profile=***")]
    [InlineData("rtsp://admin:a?b#c@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://admin:pa/ss@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://camera:554/user@home", "rtsp://camera:554/user@home")]
    [InlineData("rtsp:/admin:pass@camera/1", "rtsp:/***@camera/1")]
    [InlineData("http://camera/video?usr=bob&pwd=s3cret", "http://camera/video?usr=***")]
    [InlineData("rtspsrc user-pw=s3!cr&t latency=0 ! fakesink", "rtspsrc user-pw=*** latency=0 ! fakesink")]
    [InlineData("rtspsrc user-pw=(string)\"x y\" ! fakesink", "rtspsrc user-pw=(string)*** ! fakesink")]
    [InlineData("rtspsrc user-pw='x \\' y' ! fakesink", "rtspsrc user-pw=*** ! fakesink")]
    [InlineData("srtsrc passphrase=x\\ y ! fakesink", "srtsrc passphrase=*** ! fakesink")]
    [InlineData("videotestsrc pattern=ball ! appsink", "videotestsrc pattern=ball ! appsink")]
    public void Addresses_carry_no_credentials(string address, string recorded) => Assert.Equal(recorded,
        AddressText.WithoutSecrets(address));

    public static TheoryData<string> Forms { get; } =
    [
        "rtsp://admin:S3CRET@camera/1", "rtsp://S3CRET@camera/1", "rtsp://admin:a/S3CRET@camera/1", "rtsp://admin:a@S3CRET@camera/1",
        "rtsp://admin:a'S3CRET@camera/1", "rtsp://admin:\"S3CRET@camera/1", "rtsp://admin:a/'S3CRET@camera/1",
        "opened 'rtsp://a:'S3CRET@b/1'", "rtsp:/admin:S3CRET@camera/1", "admin:S3CRET@camera/1", "rtsp://admin:S3CRET@[fe80::1]:554/1",
        "http://camera/?key=S3CRET",
        "http://camera/v?Password=S3CRET", "http://camera/v?a=1&sig=S3CRET&b=2", "http://camera/v?S3CRET", "http://camera/v?a;t=S3CRET",
        "http://camera/v#access_token=S3CRET", "rtsp://camera/token/S3CRET/1", "rtsp://camera/live/key/S3CRET",
        "rtsp://camera/live/admin:S3CRET/1", "rtsp://camera/user=admin_password=S3CRET_channel=1", "rtspsrc user-pw=S3CRET ! fakesink",
        "rtspsrc user-pw = \"x S3CRET\" ! fakesink", "rtspsrc user-pw='S3CRET x' ! fakesink", "srtsrc passphrase=(string)S3CRET ! fakesink",
        "x api-key=S3CRET ! y", "x ApiKey=S3CRET ! y", "x PASSWORD=S3CRET ! y", "x access_token=S3CRET ! y", "x client_secret=S3CRET ! y",
        "x key=S3CRET ! y", "souphttpsrc cookies=\"s=S3CRET\" ! y", "souphttpsrc proxy-pw=S3CRET ! y",
        "souphttpsrc extra-headers=\"h,Authorization=(string)\\\"Bearer S3CRET\\\"\" ! y", "Authorization: Bearer S3CRET",
        "rtsp://admin:pass S3CRET@camera/1", "rtsp://admin:a b S3CRET@camera:554/1", "opened 'rtsp://admin:my S3CRET@camera/1': refused",
        "rtspsrc location=\"rtsp://admin:a S3CRET@camera/1\" user-id=x ! y", "rtspsrc user-pw=a\\ S3CRET ! y",
        "rtspsrc user-pw=\"a S3CRET ! fakesink", "rtspsrc user-pw='it''s S3CRET' ! y", "rtspsrc user-pw=\"a \\\" S3CRET\" ! y",
        "rtspsrc user-pw=a\"b S3CRET\" ! y", "authorization=Bearer S3CRET", "Authorization: Basic S3CRET==", "X-Api-Key: S3CRET",
        "x-auth-token: S3CRET", "Cookie: a=b; session=S3CRET", "Set-Cookie: a=S3CRET; path=/", "token: S3CRET", "password: 'a S3CRET'",
        "{\"password\": \"a S3CRET\"}", "api_key: S3CRET", "Digest username=\"a\", realm=\"b\", response=\"S3CRET\"",
        "http://camera/?user=a&password=b S3CRET&x=1", "http://camera/a;jsessionid=S3CRET", "//admin:S3CRET@camera/1",
        "dtlsdec pem=\"-----BEGIN KEY-----\\nS3CRET\" ! y", "aesdec iv=S3CRET ! y", "souphttpsrc cookies=\"<\\\"s=S3CRET\\\">\" ! y",
        "application/x-srtp,key=(buffer)S3CRET ! y", "rtmp://camera/app/stream live=1 pubPasswd=S3CRET", "RTSP://admin:S3CRET@camera/1",
        "srtsrc uri=\"srt://camera:9000?mode=caller&passphrase=S3CRET\" ! y", "cannot open 'https://camera/a?sas=S3CRET': refused",
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_in_any_form_is_hidden(string address)
    {
        Assert.DoesNotContain("S3CRET", AddressText.WithoutSecrets(address), StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", new ConfigProblem("a.yaml", new ConfigPlace(1, 2), $"'{address}' is wrong").ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test://ball?width=64&height=48&fps=30")]
    [InlineData("sim://tabletop?seed=7")]
    [InlineData("v4l2:///dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0?width=640&format=JPEG")]
    [InlineData("videotestsrc pattern=ball ! x264enc key-int-max=30 pass=pass1")]
    [InlineData("rtsp://camera:554/stream1")]
    [InlineData("rtsp://camera:554/1 cannot be reached, ask me@home")]
    [InlineData("rtsp://camera/1: timeout, ask me@home")]
    [InlineData("rtsp://camera: refused")]
    [InlineData("write rtsp://HOST:PORT/PATH, with USER:PASSWORD and '@' in front of HOST, in quotes where ' #' is in it")]
    [InlineData("sources.front.password_file: no file 'x'")]
    [InlineData("unknown key 'opn' in sources.front; did you mean 'open'?")]
    [InlineData("monkey: 3 frames, key: none")]
    [InlineData("paired with 'robot' at 10.0.0.7:7420 as operator; key 0123456789abcdef")]
    [InlineData("a.yaml:3:5: path 'light>heavy@keep=0.5' is not one of the pack")]
    public void What_holds_no_secret_stays_readable(string address) => Assert.Equal(
        address.Replace("pass=pass1", "pass=***", StringComparison.Ordinal), AddressText.WithoutSecrets(address));

    /// <summary>Passwords of any printable characters, as cameras' owners write them raw.</summary>
    [Fact]
    public void No_part_of_a_raw_password_is_shown()
    {
        const string Odd = "'\"?#/@:;&=%+\\[]{}()!,.$ ";
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            string Some() => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Odd[random.Next(Odd.Length)]));
            string address = $"rtsp://admin:{Some()}x{Some()}S3CRET{Some()}y{Some()}@camera/1";
            Assert.False(AddressText.OfSource(address).Contains("S3CRET", StringComparison.Ordinal), address);
            string words = AddressText.WithoutSecrets(address);
            Assert.False(!address.Contains(' ') && words.Contains("S3CRET", StringComparison.Ordinal), address);
            Assert.Equal(words, AddressText.WithoutSecrets(words));
        }
    }
}
