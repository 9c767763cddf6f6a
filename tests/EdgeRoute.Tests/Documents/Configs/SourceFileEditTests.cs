using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Tests.Documents.Configs;

/// <summary>A source written into a config file by itself: every line of others stays as its author wrote it.</summary>
public sealed class SourceFileEditTests
{
    private const string File = """
        # The robot in hall 3.
        packs: { d: { manifest: m } }   # one pack

        sources:
            # looks ahead
            front:
                open: rtsp://10.0.0.1/main
                pack: d   # the day's

            # looks back
            rear: { open: rtsp://10.0.0.2/main, pack: d }

        # where it ends
        control: { unix: none }

        """;

    private const string Camera = "open: rtsp://10.0.0.7/main\npack: d\n";

    [Fact]
    public void A_new_source_comes_behind_the_others()
    {
        var edit = SourceFileEdit.Edit(File, "d.yaml", "cam2", Camera);
        Assert.Null(edit.Problem);
        Assert.Equal(File.Replace("/main, pack: d }\n", "/main, pack: d }\n    cam2:\n      open: rtsp://10.0.0.7/main\n      pack: d\n",
            StringComparison.Ordinal), edit.Text);
    }

    [Fact]
    public void A_source_goes_with_its_own_lines_alone_and_lost_comments_are_counted()
    {
        var edit = SourceFileEdit.Edit(File, "d.yaml", "front", null);
        Assert.Equal((null, 1), (edit.Problem, edit.CommentLineCount));
        Assert.Equal(File.Replace("    front:\n        open: rtsp://10.0.0.1/main\n        pack: d   # the day's\n", "",
            StringComparison.Ordinal), edit.Text);
        var last = SourceFileEdit.Edit(File, "d.yaml", "rear", null);
        Assert.Equal(File.Replace("    rear: { open: rtsp://10.0.0.2/main, pack: d }\n", "", StringComparison.Ordinal), last.Text);
    }

    [Fact]
    public void A_source_that_changes_stays_in_its_place()
    {
        var edit = SourceFileEdit.Edit(File, "d.yaml", "front", Camera);
        Assert.Equal(File.Replace("        open: rtsp://10.0.0.1/main\n        pack: d   # the day's\n",
            "      open: rtsp://10.0.0.7/main\n      pack: d\n", StringComparison.Ordinal), edit.Text);
    }

    [Theory]
    [InlineData("packs: { d: { manifest: m } }\nsources: { a: { open: rtsp://h/x, pack: d } }", "stand on one line")]
    [InlineData("packs: { d: { manifest: m } }\nsources:\n  {\n  a: { open: rtsp://h/x, pack: d } }", "change the file yourself")]
    [InlineData("packs: { d: { manifest: m } }\nsources:\n  a: { opens: rtsp://h/x, pack: d }", "problems of its own")]
    [InlineData("packs: { e: { manifest: m } }\nsources:\n  a: { open: rtsp://h/x, pack: e }", "names 'd'")]
    public void A_file_that_cannot_be_changed_by_lines_is_refused(string text, string part)
    {
        Assert.Contains(part, SourceFileEdit.Edit(text, "d.yaml", "cam2", Camera).Problem!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packs: { d: { manifest: m } }\r\nsources:\r\n  a: { open: rtsp://h/x, pack: d }\r\n")]
    [InlineData("packs: { d: { manifest: m } }\nsources:\n  a: { open: rtsp://h/x, pack: d }")]
    [InlineData("sources:\n  a:\n    open: rtsp://h/x\n    pack: d\n    # its last word\n# of the packs\npacks: { d: { manifest: m } }\n")]
    public void Adding_and_removing_leaves_what_was_there(string text)
    {
        var added = SourceFileEdit.Edit(text, "d.yaml", "cam2", Camera);
        Assert.Null(added.Problem);
        var removed = SourceFileEdit.Edit(added.Text, "d.yaml", "cam2", null);
        Assert.Equal((null, text), (removed.Problem, removed.Text));
    }
}
