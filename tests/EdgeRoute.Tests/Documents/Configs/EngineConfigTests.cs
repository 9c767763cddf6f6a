using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

public sealed class EngineConfigTests
{
    private const string Rest = "packs: { d: { manifest: m.json } }\nsources: { s: { open: x.mp4, pack: d } }\n";

    private const string Address = "kind: remote, address: ";

    [Fact]
    public void Engines_are_read_with_their_defaults_and_written_back()
    {
        var config = Read("rack: { kind: remote, address: 'https://[::1]:8443/inference/', ca_file: ca.pem, timeout_ms: 250, "
            + "use: always, tensors: json, jpeg_quality: none, "
            + "stages: { heavy: { model: Heavy 2, version: \"3\" }, light: { pack: d } } }").Config!;
        var engine = Assert.Single(config.Engines);
        Assert.Equal(("rack", 250, EngineUse.Always, "ca.pem"), (engine.Name, engine.TimeoutMs, engine.Use, engine.CaFile!.Written));
        Assert.Equal([new EngineStageConfig("heavy", "d", "Heavy 2", "3"), new EngineStageConfig("light", "d", "light", null)],
            engine.Stages);
        Assert.Equal(new EngineAddress("::1", 8443, true, "/inference"), EngineAddress.Of(engine.Address, out _));
        var readBack = DeviceConfigReader.ReadText(config.Effective(), "/b/c.yaml", checkPaths: false).Config!;
        Assert.Equal(config.Effective(), readBack.Effective());
        Assert.Equal(engine.Stages, readBack.Engines[0].Stages);
    }

    [Fact]
    public void A_picture_goes_as_its_tensor_unless_a_quality_is_given()
    {
        var config = Read("a: { " + Address + "'http://gpu', stages: { a: {} } }, b: { " + Address
            + "'grpc://gpu:1', jpeg_quality: 85, stages: { b: {} } }").Config!;
        Assert.Equal([null, 85], config.Engines.Select(e => e.JpegQuality));
        var readBack = DeviceConfigReader.ReadText(config.Effective(), "/b/c.yaml", checkPaths: false).Config!;
        Assert.Equal([null, 85], readBack.Engines.Select(e => e.JpegQuality));
    }

    [Fact]
    public void An_address_of_calls_is_taken_apart_and_written_back()
    {
        var address = EngineAddress.Of("grpcs://[::1]:8001/", out _)!;
        Assert.Equal(new EngineAddress("::1", 8001, true, "") { IsGrpc = true }, address);
        Assert.Equal("grpcs://[::1]:8001", address.ToString());
    }

    [Theory]
    [InlineData(Address + "gpu:8000, stages: { a: {} }", "engines.x.address must be http://HOST:PORT or grpc://HOST:PORT")]
    [InlineData(Address + "'grpc://gpu', stages: { a: {} }", "has no port, and gRPC has no usual one; write grpc://gpu:PORT")]
    [InlineData(Address + "'grpc://gpu:8001/v2', stages: { a: {} }", "has the path '/v2'; gRPC has none")]
    [InlineData(Address + "'grpcs://gpu:8001', tensors: json, stages: { a: {} }", "engines.x.tensors is 'json', and the address is gRPC")]
    [InlineData(Address + "'grpc://gpu:8001', ca_file: ca.pem, stages: { a: {} }", "which has no TLS; write grpcs://")]
    [InlineData(Address + "'http://gpu:8000/v2', stages: { a: {} }", "has /v2 in its path")]
    [InlineData(Address + "'http://me:it@gpu', stages: { a: {} }", "has a user before the host")]
    [InlineData(Address + "'http://gpu', ca_file: ca.pem, stages: { a: {} }", "engines.x.ca_file is given, and the address is http://")]
    [InlineData(Address + "'http://gpu', jpeg_quality: 0, stages: { a: {} }", "engines.x.jpeg_quality is '0'")]
    [InlineData(Address + "'http://gpu', jpeg_quality: 90, tensors: json, stages: { a: {} }", "engines.x.jpeg_quality is given, and")]
    [InlineData(Address + "'http://gpu'", "engines.x needs 'stages'")]
    [InlineData(Address + "'http://gpu', stages: { a: { pack: e } }", "engines.x.stages.a.pack is 'e'; it must be a name under 'packs'")]
    [InlineData(Address + "'http://gpu', stages: { a: { model: b/c } }", "engines.x.stages.a.model is 'b/c'")]
    [InlineData(Address + "'http://gpu', timeout_ms: 0, stages: { a: {} }", "engines.x.timeout_ms is '0'")]
    [InlineData("kind: cuda, address: 'http://gpu', stages: { a: {} }", "engines.x.kind is 'cuda'; it must be one of remote")]
    public void What_is_wrong_is_told(string keys, string expected)
    {
        var problem = Assert.Single(Read($"x: {{ {keys} }}").Problems);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_goes_to_one_engine()
    {
        const string Same = "{ " + Address + "'http://gpu', stages: { heavy: {} } }";
        var problem = Assert.Single(Read($"x: {Same}, y: {Same}").Problems);
        Assert.Contains("engines.y.stages has stage 'heavy' of pack 'd', which engine 'x' has too", problem.Message,
            StringComparison.Ordinal);
    }

    private static DeviceConfigReading Read(string engines) => DeviceConfigReader.ReadText($"{Rest}engines: {{ {engines} }}\n", "/a/d.yaml",
        checkPaths: false);
}
