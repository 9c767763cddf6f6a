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
    public void Sound_addresses_pass(string address) => Assert.Null(AddressCheck.ProblemOfRtsp(address));

    [Theory]
    [InlineData("rtsp://admin:secret", "names no host")]
    [InlineData("rtsp://", "names no host")]
    [InlineData("rtsp:///1", "names no host")]
    [InlineData("rtsp://:554/1", "names no host")]
    [InlineData("rtsp://cam:abc/x", "no number from 1 to 65535")]
    [InlineData("rtsp://cam:70000/x", "no number from 1 to 65535")]
    [InlineData("rtsp://a:b@cam:0/x", "no number from 1 to 65535")]
    [InlineData("rtsp://admin:p@ss@camera/1", "write it as %40")]
    [InlineData("rtsp://admin:p/ss@camera/1", "%2F")]
    [InlineData("rtsp://admin:p?ss@camera/1", "%3F")]
    public void Others_are_told_without_repeating_a_secret(string address, string expected)
    {
        string problem = AddressCheck.ProblemOfRtsp(address)!;
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("videotestsrc ! videoconvert", null)]
    [InlineData("videotestsrc ! appsink name=sink", null)]
    [InlineData("videotestsrc", "no ' ! '")]
    [InlineData("gst-launch-1.0 -v v4l2src ! videoconvert", "leave out gst-launch-1.0")]
    [InlineData("v4l2src ! videoconvert ! autovideosink sync=false", "ends in 'autovideosink'")]
    public void A_pasted_command_is_no_pipeline(string text, string? expected) =>
        Assert.Contains(expected ?? "", AddressCheck.ProblemOfPipeline(text) ?? "", StringComparison.Ordinal);
}
