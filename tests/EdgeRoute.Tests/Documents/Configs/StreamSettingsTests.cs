using System.Buffers;
using System.Globalization;
using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>The table of stream settings: what it says holds for device configs, changes and the documents alike.</summary>
public sealed class StreamSettingsTests
{
    public static TheoryData<string> Keys { get; } = [.. StreamSettings.All.Select(s => s.Key)];

    public static TheoryData<string> NumberKeys { get; } = [.. StreamSettings.All.Where(s => s.Range is not null).Select(s => s.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_config_states_it_and_shows_it_again(string key)
    {
        var setting = Named(key);
        string value = setting.Get(Changed(setting)).ToString();
        var config = Read(ConfigWith(setting, value)).Config!;
        Assert.Equal(value, setting.Get(config.Sources[0]).ToString());
        string text = config.Effective();
        Assert.Matches($"\n +{LastKey(setting)}: ?(\n +kind: )?\"?{value}\"?\n", text);
        Assert.Equal(value, setting.Get(Read(text).Config!.Sources[0]).ToString());
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_change_sets_it_over_the_wire_and_reads_it_back(string key)
    {
        var setting = Named(key);
        var set = new SettingSet();
        setting.Field(set) = Possible(setting);
        var buffer = new ArrayBufferWriter<byte>();
        FieldWriter.Write(buffer, set);
        var received = FieldReader.ReadStrict<SettingSet>(buffer.WrittenMemory);
        Assert.Equal([key], StreamSettings.All.Where(s => s.Field(received).IsGiven).Select(s => s.Key));
        var problems = new List<string>();
        Assert.Equal(Possible(setting), setting.Get(setting.Apply(Source(), received, problems)));
        Assert.Empty(problems);
    }

    [Fact]
    public void A_change_has_no_field_beside_the_table()
    {
        var set = new SettingSet();
        foreach (var setting in StreamSettings.All)
        {
            setting.Field(set) = SettingValue.None;
        }

        Assert.All(typeof(SettingSet).GetFields(), f => Assert.True(((SettingValue)f.GetValue(set)!).IsGiven, f.Name));
    }

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void A_figure_out_of_range_is_refused_with_key_value_unit_and_range(string key)
    {
        var setting = Named(key);
        var (range, source) = (setting.Range!.Value, Source());
        foreach (double wrong in new[] { range.Minimum - 1, range.Maximum * 2 })
        {
            var set = new SettingSet();
            setting.Field(set) = SettingValue.Of(wrong);
            var problems = new List<string>();
            Assert.Same(source, setting.Apply(source, set, problems));
            string value = wrong.ToString(CultureInfo.InvariantCulture);
            Assert.Equal($"'{key}' is {SettingValue.Of(wrong)}; it must be a number from {range}, or none", Assert.Single(problems));
            string told = Assert.Single(Read(ConfigWith(setting, value)).Problems).ToString();
            Assert.Contains($"s.{setting.ConfigKey} is '{value}'; it must be a number from {range}, or none", told,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_word_where_a_number_belongs_and_the_reverse_are_refused()
    {
        var set = new SettingSet { DeadlineMs = SettingValue.Of("soon"), Lock = SettingValue.Of(3), Policy = SettingValue.None };
        var (source, problems) = (Source(), new List<string>());
        Assert.Same(source, StreamSettings.All.Aggregate(source, (s, setting) => setting.Apply(s, set, problems)));
        Assert.Equal(["a stream cannot be without a policy; write value, cascade, fixed:PATH or skipping:PATH/MS",
            "'lock' is 3; a word is wanted",
            "'deadline_ms' is soon; it must be a number from 0.1 to 60000 ms, or none"], problems);
    }

    [Fact]
    public void Another_policy_takes_price_and_floor_away()
    {
        var source = Changed(StreamSettings.Floor);
        var set = new SettingSet { Policy = SettingValue.Of("cascade") };
        Assert.Equal((PolicyKind.Cascade, null), (Applied(source, set).Policy.Kind, Applied(source, set).Policy.Floor));
        Assert.Equal(source, Applied(source, new SettingSet { Policy = SettingValue.Of("value") }));
        Assert.Equal("fixed:light>heavy", Applied(source, new SettingSet { Policy = SettingValue.Of("fixed:light>heavy") }).Policy.Name);
    }

    [Theory]
    [InlineData("skipping:heavy/115")]
    [InlineData("skipping:light>heavy/66.5/0.02")]
    public void A_policy_that_skips_is_named_with_how_long_it_carries(string name)
    {
        Assert.Equal(name, PolicyConfig.Parse(name)!.Name);
        Assert.Null(PolicyConfig.Parse("skipping:heavy"));
        Assert.Null(PolicyConfig.Parse("skipping:heavy/0"));
        Assert.Null(PolicyConfig.Parse("skipping:heavy/115/2"));
        Assert.Null(PolicyConfig.Parse("skipping"));
    }

    [Fact]
    public void Every_kind_of_budget_has_its_row() => Assert.All(Enum.GetValues<BudgetKind>(),
        kind => Assert.Contains(StreamSettings.Of(kind), StreamSettings.OfBudget));

    [Fact]
    public void Every_kind_and_period_of_allowance_has_its_row() => Assert.All(
        from kind in Enum.GetValues<AllowanceKind>() from period in Enum.GetValues<AllowancePeriod>() select (kind, period),
        a => Assert.Contains(StreamSettings.Of(a.kind, a.period), StreamSettings.OfBudget));

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_documents_name_it_with_unit_and_range(string key)
    {
        var setting = Named(key);
        string place = setting.ConfigKey.Contains('.', StringComparison.Ordinal) ? "..." : "sources.NAME.";
        string row = Assert.Single(File.ReadLines(Path.Combine(TestPlaces.Repository, "device-configs", "README.md")),
            l => l.StartsWith($"| `{place}{setting.ConfigKey}`", StringComparison.Ordinal));
        string range = setting.Range is { } r ? FormattableString.Invariant($"{r.Minimum} to {r.Maximum} {setting.Unit!.Name}").Trim() : "";
        Assert.Contains(range, row, StringComparison.Ordinal);
        string folder = Path.Combine(TestPlaces.Repository, "runtime", "EdgeRoute.Protocol");
        string protocol = string.Concat(Directory.EnumerateFiles(folder, "*.md").Select(File.ReadAllText));
        Assert.Contains($"`{key}`", protocol, StringComparison.Ordinal);
    }

    private static StreamSetting Named(string key) => StreamSettings.All.Single(s => s.Key == key);

    /// <summary>In the range and not what a source has that says nothing.</summary>
    private static SettingValue Possible(StreamSetting setting)
    {
        if (setting.Range is { } range)
        {
            return SettingValue.Of((range.Minimum + range.Maximum) / 2);
        }

        return SettingValue.Of(setting == StreamSettings.Policy ? "value" : "other");
    }

    private static SourceConfig Changed(StreamSetting setting)
    {
        var set = new SettingSet();
        setting.Field(set) = Possible(setting);
        return Applied(Source(), set);
    }

    private static SourceConfig Applied(SourceConfig source, SettingSet set)
    {
        var problems = new List<string>();
        var after = StreamSettings.All.Aggregate(source, (s, setting) => setting.Apply(s, set, problems));
        Assert.Empty(problems);
        return after;
    }

    private static string LastKey(StreamSetting setting) => setting.ConfigKey.Split('.')[^1];

    private static SourceConfig Source() => Read(ConfigWith(null, "")).Config!.Sources[0];

    /// <summary>A config whose source states one setting, and what every source needs.</summary>
    private static string ConfigWith(StreamSetting? setting, string value)
    {
        string policy = setting?.ConfigKey.StartsWith("policy.", StringComparison.Ordinal) == true
            ? $"kind: value, {LastKey(setting)}: {value}" : "kind: value";
        string pack = setting == StreamSettings.Pack ? value : "d";
        string more = setting is null || setting == StreamSettings.Pack || setting.ConfigKey.StartsWith("policy", StringComparison.Ordinal)
            ? "" : ", " + Stated(setting, value);
        return $"packs: {{ d: {{ manifest: m }}, other: {{ manifest: n }} }}\n"
            + $"sources: {{ s: {{ open: walk.mp4, pack: {pack}, policy: {{ {policy} }}{more} }} }}";
    }

    private static string Stated(StreamSetting setting, string value) => setting.ConfigKey.Split('.') is [var group, var key]
        ? $"{group}: {{ {key}: {value} }}" : $"{setting.ConfigKey}: {value}";

    private static DeviceConfigReading Read(string text) => DeviceConfigReader.ReadText(text, "/robot/device.yaml", checkPaths: false);
}
