using EdgeRoute.Cli.Output;
using EdgeRoute.Documents;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Commands;

/// <summary>How a device stands, for people.</summary>
internal static class StatusText
{
    /// <summary>The stream of that name, or all.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static IEnumerable<StreamStatus> Chosen(DeviceStatus status, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return status.Streams;
        }

        return status.Streams.Where(s => s.Name == name).ToList() is { Count: > 0 } found ? found
            : throw new ArgumentException($"the device has no stream '{name}'{NearestName.Hint(name, status.Streams.Select(s => s.Name))}");
    }

    public static void Show(DeviceStatus status)
    {
        Console.Out.WriteLine($"up {FigureText.Duration(status.UptimeS)}; {BoardLine(status.Board)}");
        foreach (var cause in status.Stop?.Causes ?? [])
        {
            Console.Out.WriteLine($"EMERGENCY STOP since {FigureText.Date(cause.SinceUtcNs)}, by {cause.Cause}"
                + (cause.Reason.Length > 0 ? $" ({cause.Reason})" : ""));
        }

        var table = new TextTable("stream", "policy", ">fps", ">p50 ms", ">p95 ms", ">p99 ms", ">deadline", ">device ms",
            ">price", "paths");
        foreach (var stream in status.Streams)
        {
            var window = stream.Window;
            table.Add(
                stream.Name, stream.Lock is { } path ? $"locked: {path}" : stream.Policy, FigureText.Of(window.FramesPerSecond, "0.0"),
                FigureText.Short(window.LatencyMsP50),
                FigureText.Short(window.LatencyMsP95), FigureText.Short(window.LatencyMsP99), FigureText.Short(stream.DeadlineMs),
                FigureText.Short(window.DeviceMsMean),
                FigureText.Price(stream.Price?.InForce), PathsText(window));
        }

        table.Show("the device has no streams");
        status.Streams.ForEach(ShowStream);
        status.Recordings.FindAll(r => r.IsOpen).ForEach(r =>
            Console.Out.WriteLine($"recording '{r.Name}': {FigureText.Bytes(r.FileBytes)}, {r.TraceCount} traces"));
        if (status.Trial is { } trial)
        {
            TrialFollower.ShowEnd(trial);
        }

        if (status.Probation is { } probation)
        {
            Console.Out.WriteLine("config: " + ProbationText(probation));
        }

        var channel = status.Channel;
        Console.Out.WriteLine($"channel: {channel.ConnectionCount} connected, {channel.SubscriberCount} subscribed; since start "
            + $"{channel.RequestCount} requests, {channel.RefusedCount} refused, {channel.TelemetryLostCount} telemetry lost");
        status.Outputs.FindAll(o => o.Kind != OutputStatus.Channel || o.ToldCount + o.LostCount > 0).ForEach(ShowOutput);
        status.Gpio.ForEach(ShowLine);
        status.Engines.ForEach(ShowEngine);
    }

    private static void ShowEngine(EngineStatus engine)
    {
        string trip = double.IsNaN(engine.RoundTripMs) ? "" : $"; {FigureText.Of(engine.RoundTripMs, "0.0")} ms there and back";
        Console.Out.WriteLine($"engine {engine.Name} ({string.Join(", ", engine.Stages)} at {engine.Address}): "
            + $"{engine.State.Replace('_', ' ')}; {engine.AnsweredCount} of {engine.RequestCount} requests answered, "
            + $"{engine.LateCount} late, {engine.FailedCount} failed; run here instead {engine.HereCount}, kept here as quicker "
            + $"{engine.KeptCount}; {FigureText.Of(engine.BytesOut / 1e6, "0.0")} MB out, "
            + $"{FigureText.Of(engine.BytesIn / 1e6, "0.0")} MB in{trip}" + (engine.Fault is { } fault ? $"; {fault}" : ""));
    }

    private static void ShowLine(GpioLineStatus line)
    {
        string changed = line.ChangedUtcNs == 0 ? "" : $", last at {FigureText.Date(line.ChangedUtcNs)}";
        string latency = double.IsNaN(line.LatencyUsP50) ? "" : $"; {FigureText.Of(line.LatencyUsP50, "0")} us at p50, "
            + $"{FigureText.Of(line.LatencyUsP99, "0")} us at p99, {FigureText.Of(line.LatencyUsMax, "0")} us at most";
        Console.Out.WriteLine($"gpio {line.Name} ({line.Use}, {line.Place}): {line.Level}; {line.EdgeCount} changes{changed}"
            + (line.LostCount > 0 ? $", {line.LostCount} lost" : "") + latency
            + (line.Fault is { } fault ? $"; it cannot be had: {fault}" : ""));
    }

    private static void ShowOutput(OutputStatus output)
    {
        string place = output.Kind == OutputStatus.Channel ? "to subscribers" : $"to {output.Name} ({output.Kind})";
        Console.Out.WriteLine($"answers {place}: {output.ToldCount} told, {output.LostCount} lost"
            + (output.Fault is { } fault ? $"; {fault}" : ""));
    }

    public static string ProbationText(ProbationStatus probation) => probation.WentBackBecause is { } why
        ? $"went back to the previous config at {FigureText.Date(probation.WentBackUtcNs)} because {why}"
        : $"on probation until {FigureText.Date(probation.UntilUtcNs)}; the previous one comes back unless frames have flowed by then";

    public static string BoardLine(BoardStatus board) => string.Join(", ", new[]
    {
        board.HottestCelsius is null ? null : HeatText(board),
        board.Watts is null ? null : $"{FigureText.Of(board.Watts, "0.0")} W"
            + (board.IdleWatts is null ? "" : $" ({FigureText.Of(board.IdleWatts, "0.0")} idle)"),
        board.PowerMode is null ? null : $"mode {board.PowerMode}",
        board.MemoryTotalBytes is null ? null
            : $"mem {Gibibytes(board.MemoryTotalBytes - board.MemoryAvailableBytes)}/{Gibibytes(board.MemoryTotalBytes)} GiB",
        board.CpuPercent is null ? null
            : $"cpu {FigureText.Of(board.CpuPercent, "0")} %"
                + (board.CpuMegahertz is null ? "" : $" {FigureText.Of(board.CpuMegahertz, "0")} MHz"),
        board.GpuPercent is null ? null : $"gpu {FigureText.Of(board.GpuPercent, "0")} %",
        board.ThrottleCount is > 0 ? $"throttled {board.ThrottleCount} times" : null,
    }.OfType<string>().DefaultIfEmpty("no sensors"));

    private static string HeatText(BoardStatus board)
    {
        string? zone = board.HottestZone?.Replace("-thermal", "", StringComparison.Ordinal);
        return $"{FigureText.Of(board.HottestCelsius, "0")} C {zone}".TrimEnd();
    }

    private static string Gibibytes(long? count) => FigureText.Of(count / (double)(1L << 30), "0.0");

    public static string PathsText(WindowStatus window) => string.Join(", ",
        window.Paths.Select(p => $"{p.Path} {FigureText.Percent(p.Share)}" + (p.EnergyMillijoules is null ? ""
            : $" ({FigureText.Of(p.EnergyMillijoules, "0")} +-{FigureText.Of(p.EnergyMargin, "0")} mJ)")));

    /// <summary>The law in words: captured is the sum of the ends and of what is in flight.</summary>
    public static string EndsText(StreamStatus s)
    {
        long flying = s.Captured - s.Completed - s.Exited - s.Escalated - s.Skipped - s.Dropped - s.Failed;
        return $"{s.Captured} captured = {s.Completed} completed + {s.Exited} exited + {s.Escalated} escalated + {s.Skipped} skipped + "
            + $"{s.Dropped} dropped + {s.Failed} failed"
            + (flying > 0 ? $" + {flying} in flight" : "");
    }

    /// <summary>Within this much of its target a budget is held: a settled price ripples by less.</summary>
    private const double HeldWithin = 0.05;

    /// <summary>The same for a temperature: a degree or so is what lies between warm and throttled.</summary>
    private const double HeatHeldWithin = 0.01;

    private static readonly string Temperature = SettingKeys.Temperature[SettingKeys.BudgetPrefix.Length..];

    private const string NoPower = "not measured: no power sensor";

    private static readonly (string Part, string Words)[] _unmeasured = [("watts", NoPower), ("energy", NoPower), ("battery", NoPower),
        (Temperature, "not measured: no temperature sensor"), ("quality", "not known: the heaviest path has shown nothing lately")];

    /// <summary>Held, missed, on its way, or not known: what is not measured is not held.</summary>
    internal static string StateOf(BudgetStatus budget)
    {
        if (!double.IsFinite(budget.Measured))
        {
            return _unmeasured.FirstOrDefault(u => budget.Name.Contains(u.Part, StringComparison.Ordinal)).Words ?? "not measured yet";
        }

        if (budget.IsMissed)
        {
            return "missed";
        }

        bool isLeast = budget.Name == SettingKeys.FramesPerSecond[SettingKeys.BudgetPrefix.Length..];
        double over = isLeast ? budget.Target / budget.Measured : budget.Measured / budget.Target;
        return over <= 1 + (budget.Name == Temperature ? HeatHeldWithin : HeldWithin) ? "held" : "settling";
    }

    /// <summary>A machine that differs by less than this from its calibration is as it was.</summary>
    private const double PaceShown = 0.1;

    private static string CropText(CropStatus crop) =>
        $"{crop.RunCount} looked at ({FigureText.Of(crop.MeanMs, "0.0")} ms each lately), {crop.FailedCount} of them in vain; known "
            + $"before {crop.KnownCount}, boxes too small {crop.SmallCount}, frames without time for one {crop.ShortCount}";

    private static void ShowStream(StreamStatus stream)
    {
        Console.Out.WriteLine($"{stream.Name}: {EndsText(stream)}; {stream.Late} late{(stream.HasEnded ? "; the source has ended" : "")}");
        if (stream.Freshness is { StaleCount: > 0 } freshness)
        {
            Console.Out.WriteLine($"  stale: {freshness.StaleCount} frames; "
                + (freshness.IsStale ? $"nothing was looked at for {FigureText.Of(freshness.AgeMs, "0")} ms" : "fresh again"));
        }

        foreach (var budget in stream.Price?.Budgets ?? [])
        {
            Console.Out.WriteLine($"  budget {budget.Name}: {FigureText.Short(budget.Measured)} of {FigureText.Short(budget.Target)} "
                + $"{budget.Unit}, {StateOf(budget)}");
        }

        if (stream.Price?.Pace is { } pace && Math.Abs(pace - 1) > PaceShown)
        {
            Console.Out.WriteLine($"  pace: takes {FigureText.Of(pace, "0.00")} times what its calibration measured; prices are in the "
                + "calibration's milliseconds");
        }

        stream.Price?.Conflicts.ForEach(c => Console.Out.WriteLine("  conflict: " + c));
        if (stream.Audit is { AuditedCount: > 0 } audit)
        {
            Console.Out.WriteLine(
                $"  audit: agreement {FigureText.Quality(audit.AgreementMean)} over {audit.AuditedCount} frames "
                    + $"({FigureText.Percent(audit.Share)}), "
                + $"{audit.BreachCount} breaches of the floor");
        }

        if (stream.Plans is { } plans)
        {
            double steps = plans.PlanCount == 0 ? 0 : (double)(plans.ActionCount - plans.HoldCount) / plans.PlanCount;
            Console.Out.WriteLine($"  plans: {plans.PlanCount} of {FigureText.Of(steps, "0.0")} steps, {plans.HoldCount} holds; "
                + $"instructions read {plans.InstructionRunCount} times, found again "
                + $"{plans.InstructionHitCount}{(stream.Instruction is { } task ? $"; told '{task}'" : "")}");
        }

        if (stream.State is { } state)
        {
            string age = double.IsFinite(state.AgeMs) ? $"{FigureText.Of(state.AgeMs, "0")} ms old" : "never put";
            Console.Out.WriteLine($"  robot state: {age} (at most {FigureText.Short(state.MaxAgeMs)}), put {state.PutCount} times"
                + (state.RefusedCount > 0 ? $", not used {state.RefusedCount}" : "")
                + (state.Instruction is { } words ? $"; told '{words}'" : "") + (state.Fault is { } wrong ? $"; {wrong}" : ""));
        }

        if (stream.Actions is { } actions)
        {
            ShowActions(actions);
        }

        stream.Rules.ForEach(r => Console.Out.WriteLine($"  rule {r.Name}: {(r.IsOn ? "on" : "off")}, turned on so far: {r.OnCount}"
            + (r.LostCount > 0 ? $", recordings lost: {r.LostCount}" : "") + (r.Fault is { } why ? $"; {why}" : "")));
        stream.Crops.ForEach(c => Console.Out.WriteLine($"  crops by {c.Stage}: {CropText(c)}"));
        stream.Faults.ForEach(f => Console.Out.WriteLine($"  {f.Count} x {f.Kind}: {f.Reason}"));
        if (stream.LastFault is { } fault && stream.Faults.Count == 0)
        {
            Console.Out.WriteLine("  last fault: " + fault);
        }
    }

    private static void ShowActions(ActionStatus actions)
    {
        string now = actions.Hold is { } why ? $"holding: {why}" : $"the plan is {FigureText.Of(actions.AgeMs, "0")} ms old";
        Console.Out.WriteLine($"  actions to {actions.Actuator} at {FigureText.Short(actions.Hz)} Hz: {actions.GivenCount} given, "
            + $"{actions.HeldCount} holds, {actions.MissedCount} missed, {actions.LostCount} lost; {now}");
        string blended = actions.Blends ? $"{actions.BlendedCount} blended" : "none blended";
        Console.Out.WriteLine($"  {actions.PlanCount} plans taken up, {blended}, {actions.SkippedCount} steps skipped "
            + $"that had passed, {actions.OutrunCount} plans came too late" + (actions.Fault is { } fault ? $"; {fault}" : ""));
    }
}
