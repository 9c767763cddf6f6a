using System.Text.Json;
using EdgeRoute.Cli.Output;
using EdgeRoute.Cli.Top;

namespace EdgeRoute.Tests.Cli.Output;

/// <summary>What a device sends reaches the terminal as text, never as an order to it.</summary>
public sealed class ScreenTextTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "plain ü 日 ✔ 🤖", "plain ü 日 ✔ 🤖" },
        { "\e]0;owned\a", "\\u001b]0;owned\\u0007" },
        { "\e[2J\e[1;1H", "\\u001b[2J\\u001b[1;1H" },
        { "a\u009b31mb", "a\\u009b31mb" },
        { "back\b\b\bspace", "back\\u0008\\u0008\\u0008space" },
        { "over\rwritten", "over\\u000dwritten" },
        { "\u202eteser\u202c \u2066x\u2069 \u200f", "\\u202eteser\\u202c \\u2066x\\u2069 \\u200f" },
        { "del\u007f nul\0", "del\\u007f nul\\u0000" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Control_characters_are_shown_as_text(string sent, string shown)
    {
        Assert.Equal(shown, ScreenText.Of(sent));
        Assert.Equal(shown, ScreenText.LineOf(sent));
        Assert.Equal(shown + "\n", Written(w => w.WriteLine(sent)));
    }

    [Fact]
    public void Lines_stay_in_text_and_not_in_a_name()
    {
        Assert.Equal("a\n\tb\r\n", ScreenText.Of("a\n\tb\r\n"));
        Assert.Equal("half \\ud800", ScreenText.Of("half \ud800"));
        Assert.Equal("a\\u000a\\u0009b\\u000d\\u000a", ScreenText.LineOf("a\n\tb\r\n"));
    }

    /// <summary>A terminal wraps at its last column too.</summary>
    [Theory]
    [InlineData(63, "a with 1 thread: 20 of 38 frames, run 1 of 4, about 4 s left")]
    [InlineData(62, "a with 1 thread: 20 of 38 frames, about 4 s left")]
    [InlineData(42, "a with 1 thread: 20 of…, about 4 s left")]
    [InlineData(14, "a with 1 t…")]
    public void A_line_of_progress_keeps_its_ends_where_it_would_wrap(int width, string shown) =>
        Assert.Equal(shown, ScreenText.Fitting("a with 1 thread: 20 of 38 frames, run 1 of 4, about 4 s left", width));

    [Fact]
    public void Every_way_of_writing_is_guarded() => Assert.DoesNotContain('\e', Written(w =>
    {
        w.Write('\e');
        w.Write("\e");
        w.Write("\e".ToCharArray());
        w.Write("\e".AsSpan());
        w.Write("{0}", "\e");
        w.Write((object)"\e");
        w.WriteLine("\e");
        w.WriteLine("\e".ToCharArray());
        w.WriteLine("\e".AsSpan());
        w.WriteLine("{0}", "\e");
        w.WriteLine((object)"\e");
        w.WriteAsync("\e").Wait();
        w.WriteLineAsync("\e").Wait();
    }));

    [Fact]
    public void What_is_open_on_the_screen_is_cleared_before_anything_is_written()
    {
        var target = new StringWriter { NewLine = "\n" };
        using var writer = new ScreenWriter(target, () => target.Write("<clear>"));
        writer.Write("a");
        writer.Write('b');
        writer.WriteLine("c");
        Assert.Equal("<clear>a<clear>b<clear>c\n", target.ToString());
    }

    [Fact]
    public void Json_stays_the_same_document()
    {
        string sent = "name \u202e\u009b\e[31m\ud83e\udd16";
        string json = JsonSerializer.Serialize(sent, new JsonSerializerOptions
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        string written = Written(w => w.WriteLine(json));
        Assert.DoesNotContain('\u202e', written);
        Assert.Equal(sent, JsonSerializer.Deserialize<string>(written));
    }

    [Fact]
    public void Tables_and_the_live_screen_show_text()
    {
        var table = new TextTable("name");
        table.Add("\e[2Jcamera\n");
        Assert.Equal("\\u001b[2Jcamera\\u000a", table.Plain()[1]);
        var canvas = new Canvas(40, 1);
        canvas.Put(0, 0, "\e[2Jcamera\u202e");
        Assert.Equal("\\u001b[2Jcamera\\u202e\n", canvas.ToString());
    }

    private static string Written(Action<ScreenWriter> write)
    {
        var target = new StringWriter { NewLine = "\n" };
        using var writer = new ScreenWriter(target);
        writer.NewLine = "\n";
        write(writer);
        return target.ToString();
    }
}
