using System.Globalization;
using EdgeRoute.Core.Prices;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>Checks and prepares changes on the caller's thread, and carries them out between two frames.</summary>
internal sealed class ChangePlanner(RunningEngine engine)
{
    /// <exception cref="RpcRefusedException">The stream is not known, or the change does not fit it.</exception>
    public ChangePlan Plan(string stream, SettingSet set)
    {
        var live = Find(stream);
        return Plan(live.Stream.Index, SettingChanges.Apply(live.Setup.Source, set, engine.State.Packs));
    }

    /// <summary>Prepares that a stream becomes what a source config says.</summary>
    public ChangePlan Plan(int index, SourceConfig after)
    {
        var now = engine.State.Find(index)?.Setup ?? throw new RpcRefusedException(RpcErrorCode.NotFound, "the stream was removed");
        try
        {
            var pack = engine.State.PackNamed(after.PackName);
            var parts = engine.Streamer.Build(index, after, pack, now.Parts.Exchange, now.Parts);
            bool needsNew = after.PackName != now.Source.PackName
                || after.Policy.Name != now.Source.Policy.Name;
            if (needsNew && after.PackName != now.Source.PackName && engine.HasFixedOutputs)
            {
                throw new RpcRefusedException(RpcErrorCode.Conflict,
                    "the run writes annotated frames or frames to label, which name the paths of the pack it began with",
                    "run without --annotate and keep_folder to change packs while running");
            }

            return new ChangePlan(index, now.Source, new StreamSetup(after, pack, parts) { Index = index },
                SettingChanges.Differences(now.Source, after), needsNew);
        }
        catch (EngineRefusedException refused)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, refused.Message);
        }
    }

    /// <summary>Carries a change out. Recordings that name what changes go on in new files.</summary>
    /// <returns>Recordings that ended and are to be closed.</returns>
    public async Task<List<EdgeRoute.Engine.Tracing.Recording>> Apply(ChangePlan plan)
    {
        await engine.Recordings.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            return await ApplyAlone(plan).ConfigureAwait(false);
        }
        finally
        {
            engine.Recordings.Gate.Release();
        }
    }

    private async Task<List<EdgeRoute.Engine.Tracing.Recording>> ApplyAlone(ChangePlan plan)
    {
        var ending = plan.NeedsNewRecordings ? engine.Recordings.Open.ToList() : [];
        var plans = engine.State.Plans().Select(p => p.Index == plan.StreamIndex ? plan.Next : p).ToList();
        var beginning = ending.ConvertAll(r => engine.Recordings.Follow(r, plans));
        try
        {
            await engine.Boundary.Run(() =>
            {
                engine.State.Replace(plan.StreamIndex, plan.Next);
                ending.ForEach(engine.Recordings.End);
                beginning.ForEach(engine.Recordings.Begin);
            }).ConfigureAwait(false);
        }
        catch
        {
            beginning.ForEach(r => r.Dispose());
            throw;
        }

        return ending;
    }

    /// <summary>What a change makes of cost and quality, in words.</summary>
    public List<string> Effects(ChangePlan plan)
    {
        var words = new List<string>();
        var parts = plan.Next.Parts;
        if (parts is { Pricing: { } pricing, Calibration: { } calibration })
        {
            var curve = CurveWriter.Of(plan.Next.Source.Name, calibration, pricing.Pace);
            AddPrediction(words, curve, plan.Next.Source, pricing.Prices.PriceCeiling);
            double cheapest = parts.Router.Tree.Nodes[0].Options.Min(o => o.VariantIndex < 0 ? 0
                : (double)parts.Router.Costs.ToNextExit(o.NodeIndex).MsP95);
            var source = plan.Next.Source;
            double deadline = source.DeadlineMs ?? double.PositiveInfinity;
            words.AddRange(ConstraintText.Predict(pricing.Prices.Floor, deadline, source.Spending.Budgets, cheapest,
                cheapest).Select(c => c.Words));
        }

        words.AddRange(PowerNeed.Unmet(plan.Next.Source, engine.Board));
        if (plan.NeedsNewRecordings && engine.Recordings.Open.Count > 0)
        {
            words.Add($"{engine.Recordings.Open.Count} open recording(s) go on in new files");
        }

        return words;
    }

    /// <param name="stream">Its name; empty where there is only one.</param>
    /// <exception cref="RpcRefusedException">There is none of that name, or several and none is named.</exception>
    public LiveStream Find(string stream)
    {
        var live = engine.State.Live;
        if (stream.Length == 0 && live.Count == 1)
        {
            return live[0];
        }

        string names = string.Join(", ", live.Select(l => l.Stream.Name));
        return live.FirstOrDefault(l => l.Stream.Name == stream) ?? throw new RpcRefusedException(RpcErrorCode.NotFound,
            stream.Length == 0 ? $"the device has several streams; say which: {names}"
            : $"there is no stream '{stream}'; there are {names}");
    }

    private static void AddPrediction(List<string> words, CalibrationCurve curve, SourceConfig source, double ceiling)
    {
        var culture = CultureInfo.InvariantCulture;
        if (source.Policy.PricePerMs is { } dial && curve.At(Math.Min(dial, ceiling)) is { } point)
        {
            words.Add(string.Create(culture,
                $"at price {Math.Min(dial, ceiling):0.#####} the calibration predicts {point.DeviceMs:0.###} ms a frame and quality "
                    + $"{point.Quality:0.000}"));
            AddStep(words, curve, point.Price, "it lies on a step", "only a budget holds what lies between, as frames take turns");
        }

        if (source.Spending.Budgets.FirstOrDefault(b => b.Kind == BudgetKind.DeviceMsMean) is { } budget
            && curve.For(budget.Target) is { } met)
        {
            words.Add(string.Create(culture,
                $"a budget of {budget.Target:0.###} ms a frame is met at a price of about {met.Price:0.#####}, with quality "
                    + $"{met.Quality:0.000} by the calibration"));
            AddStep(words, curve, met.Price, "there is a step", "frames take turns between the two");
        }

        if (source.Policy.Floor is { } floor)
        {
            words.Add(string.Create(culture, $"the floor {floor} ") + (ceiling > 0
                ? string.Create(culture, $"allows a price of at most {ceiling:0.#####}")
                : "is not certified for this calibration; the price stays at 0, the accurate end"));
        }
    }

    private static void AddStep(List<string> words, CalibrationCurve curve, double price, string what, string consequence)
    {
        if (curve.StepAt(price) is { } step)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {step.Before.DeviceMs:0.###} ms a frame at price "
                + $"{step.Before.Price:0.#####}, {step.After.DeviceMs:0.###} ms at {step.After.Price:0.#####}; {consequence}"));
        }
    }
}

/// <summary>A change that is checked and prepared, and has not happened.</summary>
/// <param name="StreamIndex">0-based index of the stream.</param>
/// <param name="Before">The source as it is.</param>
/// <param name="Next">The stream as it becomes.</param>
/// <param name="Differences">Each setting that differs.</param>
/// <param name="NeedsNewRecordings">Policy or pack change: recordings name both in their session start.</param>
internal sealed record ChangePlan(int StreamIndex, SourceConfig Before, StreamSetup Next, List<SettingDifference> Differences,
    bool NeedsNewRecordings);
