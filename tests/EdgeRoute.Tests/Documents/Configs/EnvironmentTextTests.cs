using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Capture;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Recording;
using EdgeRoute.Simulation.Sources;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>References to environment variables in addresses: the value is used, and stands nowhere.</summary>
public sealed class EnvironmentTextTests : IDisposable
{
    private const string Secret = "s3/cr'et p@ss", Token = "tok-5ecr3t-77";

    private readonly TemporaryFolder _folder = new();

    public EnvironmentTextTests()
    {
        Set("ER_TEST_PASS", Secret);
        Set("ER_TEST_TOKEN", Token);
        Set("ER_TEST_LOGIN", "an na:" + Secret);
        Set("ER_TEST_HOST", "er-one.invalid:1");
        Set("ER_TEST_EMPTY", "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rtsp://admin:${ER_TEST_PASS}@cam/1", "rtsp://admin:s3%2Fcr%27et%20p%40ss@cam/1")]
    [InlineData("rtsp://${ER_TEST_LOGIN}@cam/1", "rtsp://an%20na:s3%2Fcr%27et%20p%40ss@cam/1")]
    [InlineData("rtsp://${ER_TEST_HOST}/${ER_TEST_TOKEN}/x", "rtsp://er-one.invalid:1/tok-5ecr3t-77/x")]
    [InlineData("rtsp://a:b@${ER_TEST_HOST}/a@b", "rtsp://a:b@er-one.invalid:1/a@b")]
    [InlineData("rtspsrc user-pw=${ER_TEST_PASS} ! x", @"rtspsrc user-pw=s3/cr\'et\ p@ss ! x")]
    [InlineData("rtspsrc user-pw=\"${ER_TEST_PASS}\" ! x", "rtspsrc user-pw=\"s3/cr\\'et p@ss\" ! x")]
    [InlineData("rtspsrc location=rtsp://a:${ER_TEST_PASS}@cam/1 ! x", "rtspsrc location=rtsp://a:s3%2Fcr%27et%20p%40ss@cam/1 ! x")]
    [InlineData("rtsp://cam/$ER_TEST_PASS%20/1", "rtsp://cam/$ER_TEST_PASS%20/1")]
    public void A_reference_becomes_its_value_as_its_place_wants_it(string written, string meant)
    {
        Assert.Equal(meant, EnvironmentText.Resolve(written, out string problem));
        Assert.Equal("", problem);
    }

    [Theory]
    [InlineData("rtsp://a:${ER_TEST_MISSING}@cam/1", "the environment variable ER_TEST_MISSING, which its address names, is not set")]
    [InlineData("rtsp://a:${ER_TEST_EMPTY}@cam/1", "ER_TEST_EMPTY")]
    [InlineData("rtsp://a:${}@cam/1", "'${' begins the name")]
    [InlineData("rtsp://a:${7UP}@cam/1", "'${' begins the name")]
    [InlineData("x location=${ER_TEST_TOKEN ! y", "'${' begins the name")]
    public void What_is_not_set_is_an_error_with_its_line_and_name(string address, string words)
    {
        string key = address.Contains(" ! ", StringComparison.Ordinal) ? "pipeline" : "open";
        var problem = Assert.Single(Read($"{key}: '{address}'", checkPaths: true).Problems, p => p.ToString().Contains(key));
        Assert.Contains(words, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, problem.At.Line);
        Assert.False(new SourceFactory(TimeProvider.System).TryMake(address, SourceOptions.Usual, out _, out string later));
        Assert.Contains(words, later, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_machine_reads_the_config_without_the_variables()
    {
        const string Address = "rtsp://a:${ER_TEST_MISSING}@cam/1";
        Assert.Equal(Address, Read($"open: '{Address}'").Config!.Sources[0].Address.Text);
    }

    [Fact]
    public void The_config_in_force_keeps_the_reference_and_its_hash()
    {
        var config = Read("open: 'rtsp://${ER_TEST_HOST}/live/${ER_TEST_TOKEN}'").Config!;
        Assert.Contains("/live/${ER_TEST_TOKEN}", config.Effective(), StringComparison.Ordinal);
        Assert.Contains("${ER_TEST_HOST}", config.Printable(), StringComparison.Ordinal);
        string before = config.HashText();
        Set("ER_TEST_HOST", "er-two.invalid");
        Assert.Equal(before, Read("open: 'rtsp://${ER_TEST_HOST}/live/${ER_TEST_TOKEN}'").Config!.HashText());
    }

    [Theory]
    [InlineData("open: 'rtsp://admin:${ER_TEST_PASS}@127.0.0.1:1/live/${ER_TEST_TOKEN}/1'")]
    [InlineData("open: 'rtsp://127.0.0.1:1/${ER_TEST_TOKEN}'")]
    [InlineData("pipeline: 'filesrc location=/none/${ER_TEST_TOKEN}/x ! decodebin'")]
    [InlineData("pipeline: 'filesrc location=\"/none/${ER_TEST_PASS}/x\" ! decodebin'")]
    [InlineData("pipeline: 'filesrc blocksize=${ER_TEST_TOKEN} ! decodebin'")]
    [InlineData("pipeline: 'filesrc ! ${ER_TEST_TOKEN} ! decodebin'")]
    public void No_message_of_a_source_shows_the_value(string source)
    {
        var config = Assert.Single(Read(source).Config!.Sources);
        Assert.True(new SourceFactory(TimeProvider.System).TryMake(config.Address.FactoryText, config.CaptureOptions, out var made,
            out string problem), problem);
        using (made)
        {
            made.Open();
            foreach (string told in new[] { made.Description, made.Fault.Detail })
            {
                Assert.DoesNotContain(Token, told, StringComparison.Ordinal);
                Assert.DoesNotContain("cr'et", told, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_file_may_be_named_so_and_a_missing_one_is_told_without_the_value()
    {
        Set("ER_TEST_FOLDER", _folder.Path);
        _folder.Write("walk.erec", "");
        Assert.Equal(_folder.File("walk.erec"), Read("open: '${ER_TEST_FOLDER}/walk.erec'").Config!.Sources[0].Address.Path!.Full);
        string text = string.Join('\n', Read("open: '${ER_TEST_FOLDER}/${ER_TEST_TOKEN}.mp4'", checkPaths: true).Problems);
        Assert.Contains("${ER_TEST_FOLDER}/${ER_TEST_TOKEN}.mp4", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://a:$CAM_PASS@cam/1", "$CAM_PASS")]
    [InlineData("rtsp://a:%CAM_PASS%@cam/1", "%CAM_PASS%")]
    [InlineData("rtsp://a:${ER_TEST_PASS}@cam/$dir", "$dir")]
    [InlineData("rtsp://a:{CAM_PASS}@cam/1", "{CAM_PASS}")]
    [InlineData("rtsp://a:{{ CAM_PASS }}@cam/1", "{{ CAM_PASS }}")]
    [InlineData("rtsp://a:p%40ss%AB%CD%41x@cam/1%20", null)]
    [InlineData("rtsp://a:b$@cam/1?x=$1", null)]
    public void What_looks_like_a_variable_and_is_none_is_doubted(string address, string? named)
    {
        var doubts = EnvironmentText.Doubts(Read($"open: '{address}'").Config!);
        Assert.Equal(named is null ? 0 : 1, doubts.Count);
        Assert.All(doubts, d => Assert.Contains($"{named} in its address is taken as it stands", d, StringComparison.Ordinal));
        Assert.All(doubts, d => Assert.Contains($"${{{named!.Trim('$', '%', '{', '}', ' ')}}}", d, StringComparison.Ordinal));
    }

    [Fact]
    public void Known_secrets_are_hidden_inside_of_words_unless_they_are_short()
    {
        KnownSecrets.Add("x9q-known-secret", "${A}");
        KnownSecrets.Add("zq4k", "${B}");
        KnownSecrets.Add("zq4", "${C}");
        Assert.Equal("a${A}b '${B}' azq4k zq4", KnownSecrets.Hide("ax9q-known-secretb 'zq4k' azq4k zq4"));
        Assert.Equal("rtsp://***@${B}/${A}", AddressText.WithoutSecrets("rtsp://u:p@zq4k/x9q-known-secret"));
    }

    [Fact]
    public void A_check_finds_the_variable_that_is_not_set()
    {
        var config = Read("open: 'rtsp://a:${ER_TEST_MISSING}@cam/1'").Config!;
        Assert.Contains(StartCheck.Problems(config, SimulatedSources.Schemes),
            p => p.Contains("'s': the environment variable ER_TEST_MISSING", StringComparison.Ordinal));
    }

    private static void Set(string name, string value) => Environment.SetEnvironmentVariable(name, value);

    private DeviceConfigReading Read(string source, bool checkPaths = false) => DeviceConfigReader.ReadText(
        $"packs: {{ p: {{ manifest: {_folder.File("none")} }} }}\nsources: {{ s: {{ {source}, pack: p }} }}\n",
        _folder.File("device.yaml"), checkPaths);
}
