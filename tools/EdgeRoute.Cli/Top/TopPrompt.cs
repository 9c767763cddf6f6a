using EdgeRoute.Cli.Commands;
using EdgeRoute.Cli.Output;
using EdgeRoute.Documents.Configs;

namespace EdgeRoute.Cli.Top;

/// <summary>The two lines at the bottom: what is being set, with its preview, or the last word; and the keys that count now.</summary>
internal static class TopPrompt
{
    /// <summary>How the device calls the dial where it is what asks for the price.</summary>
    private const string DialName = "dial";

    public static void Draw(TopModel model, Canvas canvas, int row)
    {
        if (model.Mode == TopMode.Watching)
        {
            canvas.Put(row, 1, model.Message, model.MessageTone);
        }
        else
        {
            canvas.Paint(row, Tone.Chosen);
            canvas.Put(row, 1, PromptOf(model), Tone.Chosen);
        }

        bool hasProblem = model.Mode is TopMode.Budget or TopMode.Floor && model.Message.Length > 0;
        canvas.Put(row + 1, 1, hasProblem ? model.Message : KeysOf(model), hasProblem ? Tone.Bad : Tone.Dim);
    }

    private static string KeysOf(TopModel model)
    {
        string trial = model.IsTrial ? $"t at once  [TRIAL {TopKeys.TrialSeconds:0} s]" : "t as trial";
        return model.Mode switch
        {
            TopMode.Watching => model.IsOperator ? "tab stream  +- price  b budget  f floor  p policy  l lock  r rec  s snap  ? q"
                : "tab stream  s snap  ? help  q quit   (viewer: sees, does not change)",
            TopMode.Dial => $"+- step  left right fine  0 free  x no dial  {trial}  Enter send  Esc drop",
            TopMode.Budget => $"tab next budget  Ctrl-{trial}  Enter send  Esc drop",
            TopMode.Floor => $"'none' takes it away  Ctrl-{trial}  Enter send  Esc drop",
            _ => $"left right choose  {trial}  Enter send  Esc drop",
        };
    }

    private static string PromptOf(TopModel model) => model.Mode switch
    {
        TopMode.Dial => DialText(model),
        TopMode.Budget => $"budget: {model.Input}_{BudgetPreview(model)}",
        TopMode.Floor => $"floor: {model.Input}_{FloorPreview(model)}",
        TopMode.Policy => $"policy: < {model.Input} >",
        _ => $"lock: < {model.Input} >{(model.Input == "none" ? "   the policy decides" : "   every frame takes this path")}",
    };

    private static string DialText(TopModel model)
    {
        var (stream, price) = (model.Chosen!, model.Chosen!.Status.Price);
        double ceiling = price?.Ceiling ?? double.PositiveInfinity;
        // The largest that anybody asks for counts, up to what the floor allows. What budgets ask for is known where one of them asks for
        // more than the dial.
        double budgets = price is { AskedBy: not (null or DialName) } ? price.Asked : 0;
        double effective = Math.Min(Math.Max(model.DialPrice, budgets), ceiling);
        string held = HeldText(model.DialPrice, ceiling, budgets, price?.AskedBy);
        string text = $"dial {(price?.Dial is { } dial ? FigureText.Price(dial) : "none")} -> {FigureText.Price(model.DialPrice)}{held}";
        return CurvePreview.At(stream.Curve, price?.InForce ?? 0) is { } now && CurvePreview.At(stream.Curve, effective) is { } then
            ? $"{text}   device {FigureText.Short(now.DeviceMs)} -> {FigureText.Ms(then.DeviceMs)}"
                + $"   quality {FigureText.Quality(now.Quality)} -> {FigureText.Quality(then.Quality)}"
            : $"{text}   (no calibration to predict from)";
    }

    /// <summary>What keeps another price than the dial's in force.</summary>
    private static string HeldText(double dialPrice, double ceiling, double budgets, string? askedBy)
    {
        if (dialPrice > ceiling)
        {
            return $" [floor: {FigureText.Price(ceiling)}]";
        }

        return dialPrice < budgets ? $" [{askedBy}: {FigureText.Price(budgets)}]" : "";
    }

    /// <summary>Only device time has a curve to look it up in.</summary>
    private static string BudgetPreview(TopModel model)
    {
        try
        {
            return SettingParser.Read([model.Input.Trim()]).DeviceMs.Number is { } ms
                && CurvePreview.AtDeviceMs(model.Chosen?.Curve, ms) is { } point
                ? $"   price {FigureText.Price(point.Price)}, {FigureText.Ms(point.DeviceMs)}, quality "
                    + $"{FigureText.Quality(point.Quality)} predicted" : "";
        }
        catch (ArgumentException)
        {
            return "";
        }
    }

    private static string FloorPreview(TopModel model)
    {
        try
        {
            if (SettingParser.ReadOne(StreamSettings.Floor, model.Input.Trim()).Floor.Number is not { } floor)
            {
                return "";
            }

            if (CurvePreview.FloorAt(model.Chosen?.Curve, floor) is not { } known)
            {
                return $"   certified: {string.Join(", ", model.Chosen?.Curve?.Floors.Select(f => FigureText.Percent(f.Floor)) ?? [])}";
            }

            if (known.Price is not { } price)
            {
                return $"   not certified: {known.Reason}";
            }

            return $"   price up to {FigureText.Price(price)}: {FigureText.Ms(CurvePreview.At(model.Chosen!.Curve, price)?.DeviceMs)} a "
                + "frame at least";
        }
        catch (ArgumentException)
        {
            return "";
        }
    }
}
