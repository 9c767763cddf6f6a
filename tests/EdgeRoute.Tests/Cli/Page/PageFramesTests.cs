using System.Text.Json;
using EdgeRoute.Cli.Connecting;
using EdgeRoute.Cli.Page;
using EdgeRoute.Core.Routing;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;
using EdgeRoute.TestBench.Robots;
using EdgeRoute.Tests.Workbench.Replaying;

namespace EdgeRoute.Tests.Cli.Page;

/// <summary>Frames that a page explains and asks otherwise, of a device that soon forgets them.</summary>
public sealed class PageFramesTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReplaySample _sample = new();
    private readonly CancellationTokenSource _enough = new(TimeSpan.FromSeconds(60));
    private ScriptedDevice _device = null!;
    private DeviceClient _client = null!;
    private bool _hasForgotten;

    public async Task InitializeAsync()
    {
        byte[] recording = _sample.Record(new ValuePolicy(_sample.Loaded.Calibration), 3);
        _device = new ScriptedDevice(_folder.File("control.sock"));
        _device.Answer<TraceRequest>(ControlMethod.TraceGet, request => !_hasForgotten
            ? new TraceReply { Stream = "table", Sequence = request.Sequence ?? 4, Recording = recording }
            : throw new RpcRefusedException(RpcErrorCode.NotFound, "frame 4 is forgotten", "ask sooner"));
        _device.Answer(ControlMethod.Describe, _ => new DeviceDescription
        {
            Streams = [new StreamDescription { Name = "table", Pack = "shapes" }],
            Packs = [new PackDescription { Name = "shapes", ManifestPath = _folder.File("elsewhere") }],
        });
        _client = await new DeviceFinder(_folder.Path).Find($"unix:{_device.Path}")(_enough.Token);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _device.DisposeAsync();
        _sample.Dispose();
        _folder.Dispose();
        _enough.Dispose();
    }

    [Fact]
    public async Task A_frame_that_was_explained_can_be_asked_about_after_the_device_forgot_it()
    {
        var frames = new PageFrames([_folder.Path, _sample.Folder]);
        var was = Json(await frames.ExplainAsync(_client, new TraceRequest { Stream = "table", Pick = "last" }, _enough.Token));
        Assert.Equal(4, was.GetProperty("frame").GetInt64());
        _hasForgotten = true;
        var now = Json(await frames.WhatIfAsync(_client, Request(4, 10), _enough.Token));
        Assert.Equal(10, now.GetProperty("price_per_ms").GetDouble());
        Assert.Equal("frame", now.GetProperty("decisions")[0].GetProperty("place").GetString());
        await Assert.ThrowsAsync<DeviceRefusedException>(() => frames.WhatIfAsync(_client, Request(2, 10), _enough.Token));
    }

    [Fact]
    public async Task A_pack_that_is_not_at_hand_is_told_with_what_to_do()
    {
        var none = new PageFrames([_folder.Path]);
        var absent = await Assert.ThrowsAsync<ArgumentException>(() => none.WhatIfAsync(_client, Request(4, 0), _enough.Token));
        Assert.Contains("--pack FOLDER", absent.Message, StringComparison.Ordinal);
        File.AppendAllText(Path.Combine(_sample.Folder, "manifest.json"), " ");
        var changed = new PageFrames([_sample.Folder]);
        await Assert.ThrowsAsync<ArgumentException>(() => changed.WhatIfAsync(_client, Request(4, 0), _enough.Token));
    }

    [Fact]
    public async Task A_what_if_of_nothing_and_one_that_makes_no_sense_are_refused()
    {
        var frames = new PageFrames([_sample.Folder]);
        foreach (var wrong in (WhatIfRequest[])[Request(4, null), Request(4, null, "best"), Request(4, 1, "cascade")])
        {
            await Assert.ThrowsAsync<ArgumentException>(() => frames.WhatIfAsync(_client, wrong, _enough.Token));
        }
    }

    private static WhatIfRequest Request(long frame, double? price, string? policy = null) =>
        new() { Stream = "table", Sequence = frame, PricePerMs = price, Policy = policy };

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
