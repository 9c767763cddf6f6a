using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Page;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.TestBench.Robots;

namespace EdgeRoute.Tests.Cli.Page;

/// <summary>The page's server as browsers and others meet it, before a device that is scripted.</summary>
public sealed class PageServerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _enough = new(TimeSpan.FromSeconds(60));
    private readonly CookieContainer _cookies = new();
    private ScriptedDevice _device = null!;
    private PageServer _server = null!;
    private HttpClient _browser = null!;

    private string Socket => Path.Combine(_folder.Path, "control.sock");

    private Uri Home => new(new Uri(_server.Address), "/");

    public async Task InitializeAsync()
    {
        _device = new ScriptedDevice(Socket);
        File.WriteAllText(_folder.File("index.html"), "<p>the page");
        var files = PageFiles.Read(_folder.Path);
        _server = await PageServer.StartAsync(files, new DeviceFinder(_folder.Path).Find($"unix:{Socket}"), 0, _enough.Token);
        _browser = new HttpClient(new HttpClientHandler { CookieContainer = _cookies });
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
        await _device.DisposeAsync();
        _folder.Dispose();
        _enough.Dispose();
    }

    [Fact]
    public async Task The_address_opens_the_page_once_and_the_browser_that_brought_it_stays_in()
    {
        Assert.Equal("127.0.0.1", Home.Host);
        Assert.Equal(HttpStatusCode.Forbidden, (await _browser.GetAsync(Home)).StatusCode);
        Assert.Equal("<p>the page", await _browser.GetStringAsync(_server.Address));
        Assert.Equal("<p>the page", await _browser.GetStringAsync(Home));
        Assert.Equal("<p>the page", await _browser.GetStringAsync(_server.Address));
        using var other = new HttpClient();
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(_server.Address)).StatusCode);
        var cookie = Assert.Single(_cookies.GetCookies(Home));
        Assert.True(cookie.HttpOnly);
    }

    [Fact]
    public async Task Nothing_else_is_served_and_nothing_foreign_may_run()
    {
        await _browser.GetStringAsync(_server.Address);
        var page = await _browser.GetAsync(Home);
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.GetAsync(new Uri(Home, "/../control.sock"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.GetAsync(new Uri(Home, "/%2e%2e/etc/passwd"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _browser.PostAsync(Home, null)).StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, Home) { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await _browser.SendAsync(rebound)).StatusCode);
    }

    [Fact]
    public async Task A_page_of_another_site_does_not_reach_the_device()
    {
        await _browser.GetStringAsync(_server.Address);
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("http://evil.example"));
        using var own = await ConnectAsync($"http://{Home.Authority}");
        Assert.Equal("up", (await NextAsync(own)).GetProperty("body").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Requests_become_the_devices_messages_and_its_words_come_back()
    {
        _device.Answer(ControlMethod.Change, bytes => FieldReader.ReadStrict<ChangeRequest>(bytes).IsDryRun
            ? new ChangeReply { Effects = ["as foretold"] } : throw new RpcRefusedException(RpcErrorCode.Denied, "no", "ask anna"));
        await _browser.GetStringAsync(_server.Address);
        using var page = await ConnectAsync($"http://{Home.Authority}");
        await NextAsync(page);
        var reply = await AskAsync(page,
            """{"id":1,"method":"change","parameter":{"set":{"budget.device_ms":0.5,"floor":null},"dry_run":true}}""");
        Assert.Equal("as foretold", reply.GetProperty("result").GetProperty("effects")[0].GetString());
        var sent = _device.Last<ChangeRequest>(ControlMethod.Change);
        Assert.Equal((0.5, SettingValue.None), (sent.Set.DeviceMs.Number, sent.Set.Floor));
        var refused = await AskAsync(page, """{"id":2,"method":"change","parameter":{"set":{}}}""");
        Assert.Equal((2, "denied", "no; ask anna"),
            (refused.GetProperty("id").GetInt32(), Refusal(refused, "code"), Refusal(refused, "message")));
    }

    [Theory]
    [InlineData("""{"id":3,"method":"clients.revoke","parameter":{"name":"anna"}}""", "may not ask")]
    [InlineData("""{"id":3,"method":"status","parameter":{"wrong":1}}""", "wrong")]
    [InlineData("""{"id":3}""", "")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    public async Task What_the_page_may_not_ask_is_refused_and_the_connection_stays(string request, string words)
    {
        await _browser.GetStringAsync(_server.Address);
        using var page = await ConnectAsync($"http://{Home.Authority}");
        await NextAsync(page);
        var refused = await AskAsync(page, request);
        Assert.Equal("bad_request", Refusal(refused, "code"));
        Assert.Contains(words, Refusal(refused, "message"), StringComparison.Ordinal);
        Assert.Equal(9, (await AskAsync(page, """{"id":9,"method":"nothing"}""")).GetProperty("id").GetInt32());
    }

    [Fact]
    public void A_page_that_was_not_built_is_told_with_what_to_do()
    {
        var missing = Assert.Throws<IOException>(() => PageFiles.Read(_folder.File("none")));
        Assert.Contains("./build.sh tools", missing.Message, StringComparison.Ordinal);
    }

    private static string? Refusal(JsonElement reply, string part) => reply.GetProperty("error").GetProperty(part).GetString();

    private async Task<ClientWebSocket> ConnectAsync(string origin)
    {
        var socket = new ClientWebSocket();
        socket.Options.Cookies = _cookies;
        socket.Options.SetRequestHeader("Origin", origin);
        try
        {
            await socket.ConnectAsync(new UriBuilder(Home) { Scheme = "ws", Path = "/device" }.Uri, _enough.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<JsonElement> AskAsync(ClientWebSocket page, string request)
    {
        await page.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, endOfMessage: true, _enough.Token);
        return await NextAsync(page);
    }

    private async Task<JsonElement> NextAsync(ClientWebSocket page)
    {
        var buffer = new byte[1 << 16];
        var received = await page.ReceiveAsync(buffer.AsMemory(), _enough.Token);
        Assert.True(received.EndOfMessage);
        return JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement;
    }
}
