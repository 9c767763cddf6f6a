using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using EdgeRoute.ControlChannel.Transport;
using EdgeRoute.ControlChannel.Web;
using EdgeRoute.Tests.Engine.Mqtt;

namespace EdgeRoute.Tests.ControlChannel.Web;

public sealed class WebHostTests
{
    private static readonly (string What, string Advice) Words = ("pages", "Choose another.");

    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public void Paths_at_the_same_address_share_a_server_until_the_last_is_closed()
    {
        var web = new WebHosts();
        var address = FreeAddress();
        var one = web.Open(address, "/one", Page("first"), Words);
        var two = web.Open(address, "/two", Page("second"), Words);
        Assert.Contains("/two is served there already. Choose another.", Assert.Throws<ChannelException>(() => web.Open(address, "/two",
            Page("third"), Words)).Message, StringComparison.Ordinal);
        Assert.EndsWith("first", RawClient.Exchange(address, "GET /one?x=1 HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("second", RawClient.Exchange(address, "GET /two HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("here is /one and /two\n", RawClient.Exchange(address, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        one.Dispose();
        one.Dispose();
        Assert.StartsWith("HTTP/1.1 404 ", RawClient.Exchange(address, "GET /one HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        two.Dispose();
        using var next = new TcpListener(address);
        next.Start();
        Assert.StartsWith($"pages cannot be served at {address}: Address already in use. Choose another.",
            Assert.Throws<ChannelException>(() => web.Open(address, "/one", Page(""), Words)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /one HTTP/1.1\r\nbroken line\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /one HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /one HTTP/1.1\r\n: nameless\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /one HTTP/1.1\r\nA: b\nC: d\r\n\r\n", "400 Bad Request")]
    [InlineData("GET  /one HTTP/1.1\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /one HTTP/2\r\n\r\n", "400 Bad Request")]
    [InlineData("DELETE /one HTTP/1.1\r\n\r\n", "405 Method Not Allowed")]
    [InlineData("\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /one?%zz=%e9&&=& HTTP/1.1\r\nA: b\r\nA: c\r\n\r\n", "200 OK")]
    public void Odd_heads_are_answered_in_words(string request, string status)
    {
        using var door = new WebHosts().Open(AnyPort, "/one", Page("first"), Words);
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", RawClient.Exchange(door.LocalEndPoint, request), StringComparison.Ordinal);
    }

    [Fact]
    public void The_handshake_is_that_of_the_standard()
    {
        using var door = new WebHosts().Open(AnyPort, "/answers", Socket(_ => Task.CompletedTask), Words);
        string answer = RawClient.Exchange(door.LocalEndPoint, RawClient.Handshake);
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upgrade: websocket\r\n", "", "426 Upgrade Required", "here is a WebSocket, version 13")]
    [InlineData("Connection: keep-alive, Upgrade\r\n", "", "426 Upgrade Required", "Upgrade: websocket\r\n")]
    [InlineData("Version: 13", "Version: 8", "426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", "400 Bad Request", "Sec-WebSocket-Key is not 16 bytes in base64")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "?", "400 Bad Request", "Sec-WebSocket-Key is not 16 bytes in base64")]
    [InlineData("\r\n\r\n", "\r\n\r\nmore", "400 Bad Request", "bytes came before the handshake was answered")]
    public void What_is_no_handshake_is_refused_in_words(string part, string instead, string status, string words)
    {
        using var door = new WebHosts().Open(AnyPort, "/answers", Socket(_ => Task.CompletedTask), Words);
        string answer = RawClient.Exchange(door.LocalEndPoint, RawClient.Handshake.Replace(part, instead, StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains(words, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_takes_no_place_of_requests_and_says_goodbye_with_all_that_waited()
    {
        var clients = new List<WebSocketClient>();
        using var door = new WebHosts().Open(AnyPort, "/answers", Socket(Keep(clients)), Words);
        var sockets = new List<ClientWebSocket>();
        for (int i = 0; i < WebHost.ConnectionCount + 4; i++)
        {
            sockets.Add(await Connect(door));
        }

        Serving.ChannelRig.WaitUntil(() => Locked(clients) == sockets.Count, "all are there");
        WebSocketClient[] all = [.. clients];
        Assert.All(all, c => Assert.True(c.TrySend("one"u8) && c.TrySend("two"u8)));
        var closed = all.Select(c => c.Close(WebSocketCloseStatus.EndpointUnavailable, "the end")).ToList();
        await Task.WhenAll(sockets.Select(async socket =>
        {
            Assert.Equal(["one", "two", "1001 the end"], [await Next(socket), await Next(socket), await Next(socket)]);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
            socket.Dispose();
        }));
        await Task.WhenAll(closed);
        Assert.False(all[0].TrySend("three"u8));
    }

    /// <summary>
    /// A frame that is not masked, a reserved operation, text that is none, and messages, one of a gigabyte, which nothing takes.
    /// </summary>
    [Theory]
    [InlineData("810161", 1002, 20)]
    [InlineData("8f8000000000", 1002)]
    [InlineData("818100000000ff", 1007)]
    [InlineData("81810000000061", 1003)]
    [InlineData("82ff000000004000000000000000", 1003, 1000)]
    public void A_client_that_speaks_out_of_turn_is_closed_in_words(string hex, int status, int more = 0)
    {
        var clients = new List<WebSocketClient>();
        using var door = new WebHosts().Open(AnyPort, "/answers", Socket(Keep(clients)), Words);
        using var raw = RawClient.Open(door.LocalEndPoint);
        raw.Send([.. Convert.FromHexString(hex), .. new byte[more]]);
        byte[] told = raw.ReadToEnd();
        Assert.Equal((0x88, status), (told[0], (told[2] << 8) | told[3]));
        Serving.ChannelRig.WaitUntil(() => Locked(clients) == 0, "it is gone");
    }

    [Fact]
    public void A_client_that_does_not_answer_a_ping_is_cut_off()
    {
        var clients = new List<WebSocketClient>();
        var web = new WebHosts { Silence = TimeSpan.FromSeconds(1) };
        using var door = web.Open(AnyPort, "/answers", Socket(Keep(clients)), Words);
        using var raw = RawClient.Open(door.LocalEndPoint);
        Assert.Equal(0x89, raw.Read(2)[0]);
        raw.ReadToEnd();
        Serving.ChannelRig.WaitUntil(() => Locked(clients) == 0, "it is gone");
    }

    internal static IPEndPoint FreeAddress() => new(IPAddress.Loopback, Mosquitto.FreePort());

    private static int Locked(List<WebSocketClient> clients)
    {
        lock (clients)
        {
            return clients.Count;
        }
    }

    /// <summary>A client is in the list as long as it is there.</summary>
    private static Func<WebSocket, Task> Keep(List<WebSocketClient> clients) => async socket =>
    {
        var client = new WebSocketClient(socket, "peer", WebSocketMessageType.Text);
        lock (clients)
        {
            clients.Add(client);
        }

        await client.Run();
        lock (clients)
        {
            clients.Remove(client);
        }
    };

    private static async Task<ClientWebSocket> Connect(WebDoor door)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{door.LocalEndPoint}/answers"), default);
        return socket;
    }

    /// <summary>The next message; of the last one its status and words.</summary>
    private static async Task<string> Next(ClientWebSocket socket)
    {
        var bytes = new byte[100];
        var got = await socket.ReceiveAsync(bytes, default);
        return got.MessageType == WebSocketMessageType.Close ? $"{(int)got.CloseStatus!} {got.CloseStatusDescription}"
            : Encoding.UTF8.GetString(bytes, 0, got.Count);
    }

    private static WebRoute Page(string text) => (_, _) => new HttpPage("200 OK", text);

    private static WebRoute Socket(Func<WebSocket, Task> serve) => (_, _) => new WebSocketReply(serve);
}
