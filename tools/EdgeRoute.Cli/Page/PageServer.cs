using System.Globalization;
using System.Net;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Protocol.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeRoute.Cli.Page;

/// <summary>Serves the page and its connection to the device, at the loopback address alone.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private const string Closed = "This page belongs to whoever started 'edgeroute ui'. Its address opens it once, in one browser; start "
        + "'edgeroute ui' again for a new one.\n";

    private const string ViewersOnly = "This is for viewers that speak " + FoxgloveOps.Subprotocol + ", at the address that 'edgeroute ui' "
        + "printed.\n";

    /// <summary>Each has a connection of its own to the device, which has 32.</summary>
    private const int ViewersMost = 8;

    /// <summary>As wide as a viewer's panel on a laptop usually is.</summary>
    private const int ViewerWidth = 1280;

    /// <summary>A browser that is closing its page needs no longer.</summary>
    private static readonly TimeSpan EndWait = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly PageFiles _files;
    private readonly Func<CancellationToken, Task<DeviceClient>> _dial;
    private readonly CancellationToken _cancel;
    private PageDoor _door = new(0);
    private string _policy = "";
    private int _viewerCount;

    private PageServer(WebApplication app, PageFiles files, Func<CancellationToken, Task<DeviceClient>> dial, CancellationToken cancel)
    {
        (_app, _files) = (app, files);
        (_dial, _cancel) = (dial, cancel);
    }

    /// <summary>Manifests or their folders, for what-ifs.</summary>
    public IReadOnlyList<string> Packs { get; set; } = [];

    /// <inheritdoc cref="PageDoor.ViewerAddress"/>
    public string ViewerAddress => _door.ViewerAddress;

    /// <inheritdoc cref="PageDoor.Address"/>
    public string Address => _door.Address;

    /// <exception cref="IOException">The port cannot be had.</exception>
    public static async Task<PageServer> StartAsync(PageFiles files, Func<CancellationToken, Task<DeviceClient>> dial, int port,
        CancellationToken cancel)
    {
        // Empty: neither a file in the folder at hand nor the environment has a say in what is served, and where.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = EndWait);
        var app = builder.Build();
        var server = new PageServer(app, files, dial, cancel);
        app.UseWebSockets();
        app.Run(server.AnswerAsync);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException taken)
        {
            await app.DisposeAsync();
            throw new IOException($"port {port} of 127.0.0.1 cannot be had: {taken.Message} Leave --port out for one that is free", taken);
        }

        server.TakePort(new Uri(app.Urls.First()).Port);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private void TakePort(int port)
    {
        _door = new PageDoor(port);
        // Its own files and its own connection, nothing of anybody else: whatever text a device sends stays text.
        _policy = string.Create(CultureInfo.InvariantCulture, $"default-src 'none'; script-src 'self'; style-src 'self'; "
            + $"img-src 'self' blob: data:; connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; base-uri 'none'; "
            + $"form-action 'none'; frame-ancestors 'none'");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        AddHeaders(context.Response.Headers);
        var request = context.Request;
        if (!_door.IsOwnHost(request))
        {
            await SayAsync(context, StatusCodes.Status421MisdirectedRequest, "This server answers to 127.0.0.1 and localhost alone.\n");
            return;
        }

        if (!HttpMethods.IsGet(request.Method))
        {
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "Only GET is answered here.\n");
            return;
        }

        if (request.Path == PageDoor.ViewerPath)
        {
            await ServeViewerAsync(context);
            return;
        }

        if (request.Path == "/open" && (_door.HasCookie(request) || _door.TryOpen(context)))
        {
            context.Response.Redirect("/");
            return;
        }

        if (!_door.HasCookie(request))
        {
            await SayAsync(context, StatusCodes.Status403Forbidden, Closed);
            return;
        }

        await ServeAsync(context);
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path == "/device" && context.WebSockets.IsWebSocketRequest)
        {
            if (!_door.IsOwnOrigin(context.Request))
            {
                await SayAsync(context, StatusCodes.Status403Forbidden, Closed);
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_cancel, context.RequestAborted);
            await new PageConnection(socket, _dial, Packs).RunAsync(ended.Token);
            return;
        }

        if (_files.Find(context.Request.Path) is { } file)
        {
            context.Response.ContentType = file.ContentType;
            context.Response.ContentLength = file.Bytes.Length;
            await context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted);
            return;
        }

        await SayAsync(context, StatusCodes.Status404NotFound, "There is nothing of that name.\n");
    }

    private async Task ServeViewerAsync(HttpContext context)
    {
        if (!_door.HasViewerToken(context.Request))
        {
            await SayAsync(context, StatusCodes.Status403Forbidden, ViewersOnly);
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(FoxgloveOps.Subprotocol))
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, ViewersOnly);
            return;
        }

        string asked = context.Request.Query["width"].ToString();
        int width = ViewerWidth;
        if (asked.Length > 0 && (!int.TryParse(asked, CultureInfo.InvariantCulture, out width)
            || width is < PictureRequest.WidthLeast or > PictureRequest.WidthMost))
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, $"width is '{asked}'; pictures may be "
                + $"{PictureRequest.WidthLeast} to {PictureRequest.WidthMost} pixels wide.\n");
            return;
        }

        await FollowAsync(context, width);
    }

    private async Task FollowAsync(HttpContext context, int width)
    {
        try
        {
            if (Interlocked.Increment(ref _viewerCount) > ViewersMost)
            {
                await SayAsync(context, StatusCodes.Status503ServiceUnavailable, $"There are {ViewersMost} viewers already; close one.\n");
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(FoxgloveOps.Subprotocol);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_cancel, context.RequestAborted);
            await new ViewerConnection(socket, _dial, width).RunAsync(ended.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _viewerCount);
        }
    }

    private void AddHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    private static async Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>The command says when it ends; the server's own way with Ctrl-C would keep a second one from ending the process.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
