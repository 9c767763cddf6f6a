using System.Text;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.ControlChannel.Web;

public sealed class WebGateTests
{
    private const string Token = "0123456789abcdef";

    [Theory]
    [InlineData(null, null)]
    [InlineData("http://localhost:3000", null)]
    [InlineData("http://127.0.0.1", null)]
    [InlineData("https://[::1]:8443", null)]
    [InlineData("http://evil.example", "403 Forbidden")]
    [InlineData("http://localhost.evil.example", "403 Forbidden")]
    [InlineData("http://127.0.0.1.nip.io:8090", "403 Forbidden")]
    [InlineData("http://robot:8090", "403 Forbidden")]
    [InlineData("file://", "403 Forbidden")]
    [InlineData("null", "403 Forbidden")]
    [InlineData("", "403 Forbidden")]
    public void Without_a_token_only_pages_of_this_machine_may_read(string? origin, string? status) =>
        Assert.Equal(status, StatusOf(new WebGate(null, null), origin));

    [Theory]
    [InlineData("https://dashboard.lan", null)]
    [InlineData("HTTPS://Dashboard.LAN", null)]
    [InlineData("https://dashboard.lan:8443", "403 Forbidden")]
    [InlineData("http://localhost:3000", "403 Forbidden")]
    public void Origins_that_are_named_are_the_only_ones(string origin, string? status) =>
        Assert.Equal(status, StatusOf(new WebGate(null, ["https://dashboard.lan"]), origin));

    [Fact]
    public void A_star_is_any_page() => Assert.Null(StatusOf(new WebGate(null, ["*"]), "http://evil.example"));

    [Theory]
    [InlineData("", "Authorization: Bearer 0123456789abcdef\r\n", null)]
    [InlineData("", "authorization: bearer 0123456789abcdef\r\n", null)]
    [InlineData("?token=0123456789abcdef", "Origin: http://evil.example\r\n", null)]
    [InlineData("?token=0123456789abcdee", "", "401 Unauthorized")]
    [InlineData("?token=", "", "401 Unauthorized")]
    [InlineData("?Token=0123456789abcdef", "", "401 Unauthorized")]
    [InlineData("", "Authorization: Basic 0123456789abcdef\r\n", "401 Unauthorized")]
    [InlineData("?token=0123456789abcdef", "Authorization: Bearer wrong\r\n", "401 Unauthorized")]
    public void The_token_opens_and_nothing_else_does(string query, string header, string? status) =>
        Assert.Equal(status, StatusOf(new WebGate(Token, null), $"GET /answers{query} HTTP/1.1\r\n{header}", isHead: true));

    [Fact]
    public async Task A_query_says_what_is_wanted()
    {
        var head = await HeadOf("GET /answers?source=front&class=traffic+light&class=caf%C3%A9&min_confidence=0.5&only_changes&rate_hz=2.5"
            + "&format=msgpack&token=x HTTP/1.1\r\n");
        var query = AnswerQuery.Of(head, _ => ["traffic light", "café"]);
        Assert.Equal(("front", 2.5, 0.5, true, AnswerFormat.MessagePack), (query.Request.Stream, query.Request.RateHz,
            query.Request.Filter!.MinConfidence, query.Request.Filter.OnlyChanges, query.Format));
        Assert.Equal(["traffic light", "café"], query.Request.Filter.Classes);
        Assert.Null(AnswerQuery.Of(await HeadOf("GET /answers HTTP/1.1\r\n"), _ => []).Format);
    }

    [Theory]
    [InlineData("sources=a", "400", "unknown key 'sources'; did you mean 'source'?")]
    [InlineData("source=a&source=b", "400", "'source' stands there more than once")]
    [InlineData("min_confidence=half", "400", "min_confidence is 'half'; it must be a number")]
    [InlineData("min_confidence=1.5", "400", "min_confidence is 1.5; it lies in 0 to 1")]
    [InlineData("min_confidence=NaN", "400", "min_confidence is NaN; it lies in 0 to 1")]
    [InlineData("rate_hz=-1", "400", "the rate is -1 Hz")]
    [InlineData("only_changes=yes", "400", "only_changes is 'yes'; it must be one of true, false")]
    [InlineData("format=xml", "400", "format is 'xml'; it must be one of json, msgpack")]
    [InlineData("source=side", "404", "there is no stream 'side'")]
    [InlineData("class=persn", "404", "no stream knows the class 'persn'; did you mean 'person'?")]
    public async Task A_query_that_cannot_be_meant_is_refused(string query, string status, string words)
    {
        var head = await HeadOf($"GET /answers?{query} HTTP/1.1\r\n");
        var refused = Assert.Throws<HttpRefusedException>(() => AnswerQuery.Of(head, s => s.Length > 0 ? null : ["person"]));
        Assert.StartsWith(status, refused.Page.Status, StringComparison.Ordinal);
        Assert.Contains(words, refused.Page.Text, StringComparison.Ordinal);
    }

    private static string? StatusOf(WebGate gate, string? originOrHead, bool isHead = false)
    {
        string origin = originOrHead is null ? "" : $"Origin: {originOrHead}\r\n";
        var head = HeadOf(isHead ? originOrHead! : $"GET /answers HTTP/1.1\r\n{origin}").Result;
        try
        {
            gate.Check(head);
            return null;
        }
        catch (HttpRefusedException refused)
        {
            return refused.Page.Status;
        }
    }

    private static Task<HttpHead> HeadOf(string text) =>
        HttpHead.Read(new MemoryStream(Encoding.UTF8.GetBytes(text + "\r\n")), CancellationToken.None);
}
