using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>Addresses whose fault can be seen before anything is opened.</summary>
public class AddressCheckTests
{
    [Theory]
    [InlineData("rtsp://camera/1")]
    [InlineData("rtsp://camera:554/user@home")]
    [InlineData("rtsp://10.0.0.7/a?b=c@d#e")]
    [InlineData("rtsps://bob:p%40ss@[fe80::1]:8554/1")]
    [InlineData("rtsp://[fe80::1]/1")]
    [InlineData("rtsp://bob:p:s@camera/1")]
    [InlineData("rtsp://admin:p@ss@camera/1")]
    [InlineData("rtsp://admin:p/ss@camera/1")]
    [InlineData("http://admin:p?ss@camera:8080/mjpg")]
    public void Sound_addresses_pass(string address) => Assert.Null(AddressCheck.ProblemOfNetwork(address));

    [Theory]
    [InlineData("rtsp://camera/1", "rtsp://camera/1", null, "")]
    [InlineData("rtsp://camera:554/user@home", "rtsp://camera:554/user@home", null, "")]
    [InlineData("rtsp://10.0.0.7/a?b=c@d#e", "rtsp://10.0.0.7/a?b=c@d#e", null, "")]
    [InlineData("rtsp://bob@camera/1", "rtsp://camera/1", "bob", "")]
    [InlineData("rtsps://bob:p%40s%s@[fe80::1]:8554/1", "rtsps://[fe80::1]:8554/1", "bob", "p@s%s")]
    [InlineData("rtsp://bob:p:s@camera/1@2", "rtsp://camera/1@2", "bob", "p:s")]
    [InlineData("rtsp://bob:p@ss@camera/1", "rtsp://camera/1", "bob", "p@ss")]
    [InlineData("rtsp://bob:p/ss@camera/1", "rtsp://camera/1", "bob", "p/ss")]
    [InlineData("rtsp://bob:p?s#s@camera/1", "rtsp://camera/1", "bob", "p?s#s")]
    [InlineData("rtsp://bob:p@/ss@camera:8554", "rtsp://camera:8554", "bob", "p@/ss")]
    [InlineData("http://me@home.org:pw@camera/1?x=1", "http://camera/1?x=1", "me@home.org", "pw")]
    public void User_and_password_are_found_as_they_are_written(string text, string bare, string? user, string password) =>
        Assert.Equal(new NetworkAddress(bare, user, password), NetworkAddress.Of(text));

    [Theory]
    [InlineData("rtsp://admin:secret", "names no host")]
    [InlineData("rtsp://", "names no host")]
    [InlineData("rtsp:///1", "names no host")]
    [InlineData("rtsp://:554/1", "names no host")]
    [InlineData("rtsp://cam:abc/x", "no number from 1 to 65535")]
    [InlineData("rtsp://[::1/x", "names no host")]
    [InlineData("rtsp://cam:70000/x", "no number from 1 to 65535")]
    [InlineData("rtsp://a:b@cam:0/x", "no number from 1 to 65535")]
    [InlineData("rtsp://admin:secret/x@cam:0/x", "names no host")]
    [InlineData("http://:80/x", "write http://HOST:PORT/PATH")]
    [InlineData("http://admin:p@secret/s@10.0.0.1/x", "write the others as %40")]
    public void Others_are_told_without_repeating_a_secret(string address, string expected)
    {
        string problem = AddressCheck.ProblemOfNetwork(address)!;
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("videotestsrc ! videoconvert", null)]
    [InlineData("videotestsrc ! appsink name=sink", null)]
    [InlineData("videotestsrc", "no ' ! '")]
    [InlineData("gst-launch-1.0 -v v4l2src ! videoconvert", "leave out gst-launch-1.0")]
    [InlineData("v4l2src ! videoconvert ! autovideosink sync=false", "ends in 'autovideosink'")]
    [InlineData("v4l2src ! videoconvert ! appsink drop=true", "write 'appsink name=sink'")]
    public void A_pasted_command_is_no_pipeline(string text, string? expected) =>
        Assert.Contains(expected ?? "", AddressCheck.ProblemOfPipeline(text) ?? "", StringComparison.Ordinal);
}
