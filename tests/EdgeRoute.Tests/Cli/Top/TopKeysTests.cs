using EdgeRoute.Cli.Top;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Tests.Cli.Top;

public sealed class TopKeysTests
{
    private readonly TopModel _model = TopModels.Robot();

    [Fact]
    public void Streams_are_chosen_round_and_round()
    {
        Press(ConsoleKey.Tab);
        Assert.Equal("rear", _model.Chosen!.Name);
        Press(ConsoleKey.DownArrow);
        Assert.Equal("front", _model.Chosen!.Name);
        Press(ConsoleKey.UpArrow);
        Assert.Equal("rear", _model.Chosen!.Name);
    }

    [Fact]
    public void The_dial_steps_along_the_curve_and_sends_nothing_before_enter()
    {
        Assert.Null(Press('+'));
        Assert.Equal((TopMode.Dial, 0.0075), (_model.Mode, _model.DialPrice));
        Assert.Null(Press('+'));
        Assert.Null(Press('+'));
        Assert.Equal(0.02, _model.DialPrice);
        Assert.Null(Press('-'));
        var change = Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter)).Request;
        Assert.Equal(("front", 0.01), (change.Stream, change.Set.Price.Number));
        Assert.Null(change.Trial);
        Assert.False(change.Set.Floor.IsGiven);
        Assert.Equal(TopMode.Watching, _model.Mode);
    }

    [Fact]
    public void Escape_drops_what_was_set()
    {
        Press('+');
        Assert.Null(Press(ConsoleKey.Escape));
        Assert.Null(Press(ConsoleKey.Enter));
        Assert.Equal(TopMode.Watching, _model.Mode);
    }

    [Fact]
    public void The_dial_reaches_zero_and_can_be_taken_away()
    {
        for (int i = 0; i < 10; i++)
        {
            Press('-');
        }

        Assert.Equal(0, _model.DialPrice);
        var change = Assert.IsType<TopAction.Change>(Press('x')).Request;
        Assert.True(change.Set.Price.IsNone);
    }

    [Fact]
    public void A_trial_must_hold_the_latency_it_began_with()
    {
        Press('+');
        Press('t');
        var trial = Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter)).Request.Trial!;
        Assert.Equal((TopKeys.TrialSeconds, 0L), (trial.Seconds, trial.FailedMost));
        Assert.InRange(trial.LatencyMsP99!.Value, 31.4, 40);
    }

    [Fact]
    public void A_budget_is_typed_over_the_one_in_force()
    {
        Press('b');
        Assert.Equal("device_ms=6", _model.Input);
        Press(ConsoleKey.Backspace);
        Press('5');
        var change = Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter)).Request;
        Assert.Equal(5, change.Set.DeviceMs.Number);
    }

    [Fact]
    public void A_wrong_budget_is_not_sent_and_can_be_put_right()
    {
        Press('b');
        Press('x');
        Assert.Null(Press(ConsoleKey.Enter));
        Assert.Equal(TopMode.Budget, _model.Mode);
        Assert.Contains("no value for 'device_ms'", _model.Message, StringComparison.Ordinal);
        Press(ConsoleKey.Backspace);
        Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter));
    }

    [Fact]
    public void Tab_goes_through_the_budgets()
    {
        Press('b');
        Press(ConsoleKey.Tab);
        Assert.Equal("frames_per_second=", _model.Input);
    }

    [Fact]
    public void Letters_that_are_typed_are_no_commands()
    {
        Press('f');
        _model.Input = "";
        foreach (char letter in "none")
        {
            Assert.Null(Press(letter));
        }

        Assert.True(Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter)).Request.Set.Floor.IsNone);
    }

    [Fact]
    public void Policies_and_locks_are_those_of_the_stream()
    {
        Press('p');
        Assert.Equal(["value", "cascade", "fixed:light", "fixed:light>heavy", "fixed:heavy"], _model.Choices);
        Press(ConsoleKey.RightArrow);
        Assert.Equal("cascade", Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter)).Request.Set.Policy.Text);
        Press('l');
        Assert.Equal("none", _model.Input);
        Press(ConsoleKey.LeftArrow);
        Assert.Equal("heavy", Assert.IsType<TopAction.Change>(Press(ConsoleKey.Enter)).Request.Set.Lock.Text);
    }

    [Fact]
    public void A_policy_that_skips_stays_among_the_choices()
    {
        _model.Chosen!.Status.Policy = "skipping:heavy/115";
        Press('p');
        Assert.Equal(("skipping:heavy/115", "skipping:heavy/115"), (_model.Input, _model.Choices[^1]));
    }

    [Fact]
    public void A_viewer_changes_nothing_and_is_told_why()
    {
        _model.Welcome = new Welcome { Role = ControlRole.Viewer };
        foreach (char key in "+bfplr")
        {
            Assert.Null(Press(key));
            Assert.Equal(TopMode.Watching, _model.Mode);
            Assert.Contains("viewer", _model.Message, StringComparison.Ordinal);
        }

        Assert.IsType<TopAction.Snapshot>(Press('s'));
    }

    [Fact]
    public void A_stream_without_prices_has_no_dial()
    {
        Press(ConsoleKey.Tab);
        Assert.Null(Press('+'));
        Assert.Equal(TopMode.Watching, _model.Mode);
        Assert.Contains("knows no price", _model.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recordings_start_and_stop_by_the_same_key()
    {
        Assert.IsType<TopAction.StartRecording>(Press('r'));
        _model.Take(
            new TelemetryMessage { Status = new DeviceStatus { Recordings = [new RecordingStatus { Name = "monday", IsOpen = true }] } });
        Assert.Equal("monday", Assert.IsType<TopAction.StopRecording>(Press('r')).Name);
    }

    [Fact]
    public void A_trial_is_kept_or_cancelled_while_it_runs()
    {
        Assert.Null(Press('k'));
        _model.Take(new TelemetryMessage { Status = new DeviceStatus { Trial = new TrialStatus { State = "running" } } });
        Assert.True(Assert.IsType<TopAction.EndTrial>(Press('k')).IsKept);
        Assert.False(Assert.IsType<TopAction.EndTrial>(Press('c')).IsKept);
    }

    [Fact]
    public void Quitting_is_q_or_control_c_from_anywhere()
    {
        Assert.IsType<TopAction.Quit>(Press('q'));
        Press('b');
        Assert.IsType<TopAction.Quit>(TopKeys.Press(_model, new ConsoleKeyInfo('\u0003', ConsoleKey.C, false, false, control: true)));
    }

    [Fact]
    public void Keys_before_the_first_telemetry_do_no_harm()
    {
        var empty = new TopModel { Welcome = new Welcome { Role = ControlRole.Operator } };
        foreach (char key in "+-bfplrskc?q\t")
        {
            TopKeys.Press(empty, TopModels.Key(key));
            TopScreen.Render(empty, 80, 24, Glyphs.Unicode);
        }
    }

    private TopAction? Press(char key) => TopKeys.Press(_model, TopModels.Key(key));

    private TopAction? Press(ConsoleKey key) => TopKeys.Press(_model, new ConsoleKeyInfo('\0', key, false, false, false));
}
