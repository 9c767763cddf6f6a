using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.TestBench.Capture;
using EdgeRoute.Tests.Interop.Gstreamer;

namespace EdgeRoute.Tests.Engine.Capture;

/// <summary>Cameras that send their pictures as the answer to one request, from a real server on loopback.</summary>
public sealed class HttpCameraTests : IDisposable
{
    private const string Password = "p/s?x@y";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private byte[] _jpeg = [];
    private readonly List<string> _logins = [];

    public HttpCameraTests()
    {
        _listener.Start();
        new Thread(Serve) { IsBackground = true }.Start();
    }

    private string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public void Dispose() => _listener.Dispose();

    [SkippableTheory]
    [InlineData("/mjpeg")]
    [InlineData("/bare")]
    public void Pictures_in_parts_come_as_they_are(string path)
    {
        using var run = new CaptureRun(Made($"http://{Host}{path}"), DeliveryMode.NewestWins);
        run.Take(3, slot => Assert.Equal((PixelFormat.Jpeg, 64, 48), (slot.Layout.Format, slot.Layout.Width, slot.Layout.Height)));
        Assert.Empty(run.Seen.OfType<SourceFaulted>());
    }

    [SkippableFact]
    public void An_answer_of_another_kind_is_decoded_and_that_is_told()
    {
        GstNeeds.Elements(("jpegdec", "gstreamer1.0-plugins-good"));
        using var run = new CaptureRun(Made($"http://{Host}/one"), DeliveryMode.NewestWins);
        run.Take(1, slot => Assert.Equal((PixelFormat.I420, 64), (slot.Layout.Format, slot.Layout.Width)));
        var told = run.WaitFor<SourceFaulted>().Fault;
        Assert.Equal(SourceFaultKind.OtherWay, told.Kind);
        Assert.Contains("it is opened as a stream of another kind instead", told.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void User_and_password_arrive_as_they_are_written_and_are_shown_nowhere()
    {
        using var run = new CaptureRun(Made($"http://admin:{Password}@{Host}/login"), DeliveryMode.NewestWins);
        run.Take(2);
        Assert.Contains("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + Password)), Logins());
        Assert.Equal($"http://***@{Host}/login", run.WaitFor<SourceOpened>().Description);
    }

    [SkippableTheory]
    [InlineData("/nothing?token=s3cret", "Not Found")]
    [InlineData("/login?token=s3cret", "Unauthorized")]
    public void A_refusal_is_told_without_secrets(string path, string expected)
    {
        using var run = new CaptureRun(Made($"http://{Host}{path}"), DeliveryMode.NewestWins);
        var fault = run.WaitFor<SourceFaulted>().Fault;
        Assert.Equal(SourceFaultKind.OpenFailed, fault.Kind);
        Assert.Contains(expected, fault.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.Detail, StringComparison.Ordinal);
    }

    private IFrameSource Made(string address)
    {
        GstNeeds.TestPicture();
        _jpeg = PictureMaker.Jpeg(64, 48);
        GstNeeds.Elements(("souphttpsrc", "gstreamer1.0-plugins-good"), ("multipartdemux", "gstreamer1.0-plugins-good"));
        Assert.True(new SourceFactory(TimeProvider.System).TryMake(address, SourceOptions.Usual, out var source, out string problem),
            problem);
        Assert.True(source.IsLive);
        return source;
    }

    private string[] Logins()
    {
        lock (_logins)
        {
            return [.. _logins];
        }
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                var client = _listener.AcceptTcpClient();
                new Thread(() => Answer(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private void Answer(TcpClient client)
    {
        try
        {
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);
            string request = reader.ReadLine() ?? "";
            string login = "";
            for (string? line = request; line is { Length: > 0 }; line = reader.ReadLine())
            {
                login = line.StartsWith("Authorization:", StringComparison.OrdinalIgnoreCase) ? line[14..].Trim() : login;
            }

            Answer(stream, request, login);
        }
        catch (IOException)
        {
            // The camera's other side has gone.
        }
        finally
        {
            client.Dispose();
        }
    }

    private void Answer(NetworkStream stream, string request, string login)
    {
        lock (_logins)
        {
            _logins.Add(login);
        }

        if (request.Contains("/login", StringComparison.Ordinal) && login.Length == 0)
        {
            Write(stream, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"c\"\r\nConnection: close\r\n"
                + "Content-Length: 0\r\n\r\n");
        }
        else if (request.Contains("/one", StringComparison.Ordinal))
        {
            Write(stream, $"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: image/jpeg\r\nContent-Length: {_jpeg.Length}\r\n\r\n");
            stream.Write(_jpeg);
        }
        else if (request.Contains("/nothing", StringComparison.Ordinal))
        {
            Write(stream, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        }
        else
        {
            WriteParts(stream, hasLength: !request.Contains("/bare", StringComparison.Ordinal));
        }
    }

    /// <summary>Until nobody reads any more.</summary>
    private void WriteParts(NetworkStream stream, bool hasLength)
    {
        Write(stream, "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n");
        while (true)
        {
            Write(stream, $"--frame\r\nContent-Type: image/jpeg\r\n{(hasLength ? $"Content-Length: {_jpeg.Length}\r\n" : "")}\r\n");
            stream.Write(_jpeg);
            Write(stream, "\r\n");
        }
    }

    private static void Write(NetworkStream stream, string text) => stream.Write(Encoding.ASCII.GetBytes(text));
}
