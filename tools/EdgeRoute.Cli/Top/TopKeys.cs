using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>What each key does: changes the model, and may ask for an action. Nothing is sent before Enter.</summary>
internal static class TopKeys
{
    /// <summary>How long a change made with 't' must prove itself.</summary>
    public const double TrialSeconds = 60;

    /// <summary>A little more than the p99 of the window: the next window is never quite the same.</summary>
    private const double TrialLatencyFactor = 1.25;

    /// <summary>A setting is a word and a number.</summary>
    private const int InputMost = 60;

    /// <summary>Left and right move the dial by this share.</summary>
    private const double FineStep = 0.05;

    public static TopAction? Press(TopModel model, ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.C && key.Modifiers.HasFlag(ConsoleModifiers.Control))
        {
            return new TopAction.Quit();
        }

        return model.Mode switch
        {
            TopMode.Watching => Watch(model, key),
            TopMode.Help => Leave(model),
            TopMode.Dial => Dial(model, key),
            TopMode.Budget or TopMode.Floor => Type(model, key),
            _ => Choose(model, key),
        };
    }

    private static TopAction? Watch(TopModel model, ConsoleKeyInfo key)
    {
        model.Say("");
        switch (key.Key)
        {
            case ConsoleKey.DownArrow or ConsoleKey.Tab:
                model.ChosenIndex = model.Streams.Count == 0 ? 0 : (model.ChosenIndex + 1) % model.Streams.Count;
                return null;
            case ConsoleKey.UpArrow:
                model.ChosenIndex = model.Streams.Count == 0 ? 0 : (model.ChosenIndex + model.Streams.Count - 1) % model.Streams.Count;
                return null;
            case ConsoleKey.LeftArrow or ConsoleKey.RightArrow:
                return OpenDial(model, key);
        }

        switch (key.KeyChar)
        {
            case 'q' or 'Q':
                return new TopAction.Quit();
            case '?' or 'h':
                model.Mode = TopMode.Help;
                return null;
            case 's':
                return model.Chosen is { } stream ? new TopAction.Snapshot(stream.Name) : null;
            case '+' or '=' or '-':
                return OpenDial(model, key);
            default:
                return model.Chosen is { } chosen && "bfplrkc".Contains(key.KeyChar, StringComparison.Ordinal) && MayChange(model)
                    ? Change(model, chosen, key.KeyChar) : null;
        }
    }

    private static TopAction? Change(TopModel model, StreamView chosen, char key)
    {
        switch (key)
        {
            case 'b':
                Open(model, TopMode.Budget, FirstBudget(chosen));
                return Fetch(chosen);
            case 'f':
                Open(model, TopMode.Floor, chosen.Status.Price?.Floor is { } floor ? FigureText.Of(floor, "0.###") : "");
                return Fetch(chosen);
            case 'p':
                string[] policies = ["value", "cascade", .. chosen.LookingPaths.Select(p => "fixed:" + p)];
                // One that skips is known by its figures, so it is not among them.
                model.Choices = [.. policies.Append(chosen.Status.Policy).Distinct()];
                Open(model, TopMode.Policy, chosen.Status.Policy);
                return null;
            case 'l':
                model.Choices = ["none", .. chosen.LookingPaths];
                Open(model, TopMode.Lock, chosen.Status.Lock ?? "none");
                return null;
            case 'r':
                return model.Status?.Recordings.Find(r => r.IsOpen) is { } open ? new TopAction.StopRecording(open.Name)
                    : new TopAction.StartRecording();
            default:
                return model.Status?.Trial is { State: TrialFollower.Running } ? new TopAction.EndTrial(key == 'k') : null;
        }
    }

    private static bool MayChange(TopModel model)
    {
        if (!model.IsOperator)
        {
            model.Say("you are a viewer here: an admin can change that with 'edgeroute clients role'", Tone.Warning);
        }

        return model.IsOperator;
    }

    private static TopAction? OpenDial(TopModel model, ConsoleKeyInfo key)
    {
        if (model.Chosen is not { } chosen || !MayChange(model))
        {
            return null;
        }

        if (chosen.Status.Price is not { } price)
        {
            model.Say($"'{chosen.Name}' decides by '{chosen.Status.Policy}', which knows no price; p changes the policy", Tone.Warning);
            return null;
        }

        (model.Mode, model.IsTrial, model.DialPrice) = (TopMode.Dial, false, price.Dial ?? price.InForce);
        if (chosen.Curve is not null)
        {
            Dial(model, key);
        }

        return Fetch(chosen);
    }

    private static TopAction.FetchCurve? Fetch(StreamView chosen) => chosen.Curve is null ? new TopAction.FetchCurve(chosen.Name) : null;

    /// <summary>A part of nothing is nothing, so from no price the first step is the curve's.</summary>
    private static double FineStepped(double price, CalibrationCurve? curve, bool isUp)
    {
        if (price <= 0)
        {
            return isUp ? CurvePreview.Step(curve, 0, isUp) : 0;
        }

        return price * (isUp ? 1 + FineStep : 1 / (1 + FineStep));
    }

    private static TopAction? Dial(TopModel model, ConsoleKeyInfo key)
    {
        var curve = model.Chosen?.Curve;
        switch (key.Key)
        {
            case ConsoleKey.Escape:
                return Leave(model);
            case ConsoleKey.Enter:
                return Send(model, SettingParser.ReadOne(StreamSettings.Price, FigureText.Of(model.DialPrice, "0.##########")));
            case ConsoleKey.LeftArrow or ConsoleKey.RightArrow:
                model.DialPrice = FineStepped(model.DialPrice, curve, key.Key == ConsoleKey.RightArrow);
                return null;
        }

        switch (key.KeyChar)
        {
            case '+' or '=' or '-':
                model.DialPrice = CurvePreview.Step(curve, model.DialPrice, key.KeyChar != '-');
                return null;
            case '0':
                model.DialPrice = 0;
                return null;
            case 'x':
                return Send(model, SettingParser.ReadOne(StreamSettings.Price, ConfigEnums.None));
            case 't':
                model.IsTrial = !model.IsTrial;
                return null;
            case 'q':
                return Leave(model);
            default:
                return null;
        }
    }

    private static TopAction? Type(TopModel model, ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Escape:
                return Leave(model);
            case ConsoleKey.Backspace:
                model.Input = model.Input.Length == 0 ? "" : model.Input[..^1];
                return null;
            case ConsoleKey.Tab when model.Mode == TopMode.Budget:
                model.Input = NextBudget(model.Input);
                return null;
            case ConsoleKey.T when key.Modifiers.HasFlag(ConsoleModifiers.Control):
                model.IsTrial = !model.IsTrial;
                return null;
            case ConsoleKey.Enter:
                return SendTyped(model);
            default:
                model.Input += !char.IsControl(key.KeyChar) && model.Input.Length < InputMost ? key.KeyChar.ToString() : "";
                return null;
        }
    }

    private static TopAction? SendTyped(TopModel model)
    {
        try
        {
            return model.Input.Trim().Length == 0 ? Leave(model)
                : Send(model, model.Mode == TopMode.Budget
                    ? SettingParser.Read(model.Input.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(WithSign))
                    : SettingParser.ReadOne(StreamSettings.Floor, model.Input.Trim()));
        }
        catch (ArgumentException wrong)
        {
            model.Say(wrong.Message, Tone.Bad);
            return null;
        }
    }

    private static string WithSign(string word) => word.Contains('=', StringComparison.Ordinal) ? word
        : throw new ArgumentException($"'{word}' is no setting; write KEY=VALUE, such as device_ms=6");

    private static TopAction? Choose(TopModel model, ConsoleKeyInfo key)
    {
        int at = Math.Max(0, model.Choices.ToList().IndexOf(model.Input));
        switch (key.Key)
        {
            case ConsoleKey.Escape:
                return Leave(model);
            case ConsoleKey.Enter:
                var chosen = model.Mode == TopMode.Lock ? StreamSettings.Lock : StreamSettings.Policy;
                return Send(model, SettingParser.ReadOne(chosen, model.Input));
            case ConsoleKey.RightArrow or ConsoleKey.DownArrow or ConsoleKey.Tab:
                model.Input = model.Choices[(at + 1) % model.Choices.Count];
                return null;
            case ConsoleKey.LeftArrow or ConsoleKey.UpArrow:
                model.Input = model.Choices[(at + model.Choices.Count - 1) % model.Choices.Count];
                return null;
            case ConsoleKey.T:
                model.IsTrial = !model.IsTrial;
                return null;
            default:
                return key.KeyChar == 'q' ? Leave(model) : null;
        }
    }

    private static TopAction Send(TopModel model, SettingSet set)
    {
        var status = model.Chosen!.Status;
        double p99 = status.Window.LatencyMsP99;
        var trial = model.IsTrial
            ? new TrialRequest { Seconds = TrialSeconds, LatencyMsP99 = double.IsFinite(p99) ? Math.Round(p99 * TrialLatencyFactor, 2)
                : null, FailedMost = 0 } : null;
        model.Mode = TopMode.Watching;
        model.Say("sent...", Tone.Dim);
        return new TopAction.Change(new ChangeRequest { Stream = status.Name, Set = set, Trial = trial, Reason = "from edgeroute top" });
    }

    private static void Open(TopModel model, TopMode mode, string input) => (model.Mode, model.Input, model.IsTrial) = (mode, input, false);

    private static TopAction? Leave(TopModel model)
    {
        model.Mode = TopMode.Watching;
        return null;
    }

    private static string FirstBudget(StreamView stream) =>
        stream.Status.Price?.Budgets.Find(b => SettingParser.BudgetKeys.Contains(b.Name)) is { } budget
        ? $"{budget.Name}={FigureText.Of(budget.Target, "0.###")}" : "device_ms=";

    private static string NextBudget(string input)
    {
        string key = input.Split('=')[0];
        int at = SettingParser.BudgetKeys.ToList().IndexOf(key);
        return SettingParser.BudgetKeys[(at + 1) % SettingParser.BudgetKeys.Count] + "=";
    }
}

/// <summary>What a key asks of the device, or of the program.</summary>
internal abstract record TopAction
{
    internal sealed record Quit : TopAction;

    internal sealed record Change(ChangeRequest Request) : TopAction;

    internal sealed record FetchCurve(string Stream) : TopAction;

    internal sealed record Snapshot(string Stream) : TopAction;

    internal sealed record StartRecording : TopAction;

    internal sealed record StopRecording(string Name) : TopAction;

    internal sealed record EndTrial(bool IsKept) : TopAction;
}
