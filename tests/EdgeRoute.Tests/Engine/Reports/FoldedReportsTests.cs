using EdgeRoute.Documents;
using EdgeRoute.Engine.Reports;

namespace EdgeRoute.Tests.Engine.Reports;

public sealed class FoldedReportsTests
{
    private readonly ManualTime _time = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void The_first_is_told_at_once_and_the_rest_as_a_count()
    {
        using var reports = Make();
        for (int i = 0; i < 40; i++)
        {
            reports.Report(ReportLevel.Warning, $"onnxruntime: no shape, frame {i}");
        }

        Assert.Equal(["onnxruntime: no shape, frame 0"], _lines);
        _time.Advance(FoldedReports.QuietNs);
        reports.TellDue();
        Assert.Equal("39 more of: onnxruntime: no shape, frame 39", _lines[1]);
        _time.Advance(FoldedReports.QuietNs);
        reports.TellDue();
        reports.Report(ReportLevel.Warning, "onnxruntime: no shape, frame 41");
        Assert.Equal("onnxruntime: no shape, frame 41", _lines[2]);
    }

    [Fact]
    public void Two_cameras_with_the_same_trouble_are_two_lines()
    {
        using var reports = Make();
        reports.Report(ReportLevel.Warning, "source cam1: hangs");
        reports.Report(ReportLevel.Warning, "source cam12: hangs");
        Assert.Equal(["source cam1: hangs", "source cam12: hangs"], _lines);
    }

    [Fact]
    public void What_is_no_warning_is_never_folded_and_the_end_tells_the_rest()
    {
        var reports = Make();
        reports.Report(ReportLevel.Notice, "recording");
        reports.Report(ReportLevel.Notice, "recording");
        reports.Report(ReportLevel.Warning, "hot");
        reports.Report(ReportLevel.Warning, "hot");
        reports.Dispose();
        Assert.Equal(["recording", "recording", "hot", "1 more of: hot"], _lines);
    }

    [Fact]
    public void Of_too_many_different_warnings_the_oldest_is_told_before_it_is_forgotten()
    {
        using var reports = Make();
        reports.Report(ReportLevel.Warning, "first");
        reports.Report(ReportLevel.Warning, "first");
        for (int i = 0; i < FoldedReports.LineLimit; i++)
        {
            _time.Advance(1);
            reports.Report(ReportLevel.Warning, $"other{i}");
        }

        Assert.Equal("1 more of: first", _lines[^2]);
    }

    private FoldedReports Make() => new((_, text) => _lines.Add(text), _time);

    /// <summary>A clock that goes when it is told to, and wakes nobody.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private long _nowNs;

        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => _nowNs;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public void Advance(long ns) => _nowNs += ns;
    }
}
