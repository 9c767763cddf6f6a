using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Carries out, between two frames, that a source comes or goes. Recordings name the sources of their session by place, so all that are
/// open go on in new files; streams that shared the accelerator with nobody, or do so from now on, get a price for it or lose it.
/// </summary>
internal sealed class SourceExchange(RunningEngine engine)
{
    /// <summary>All parts of a source that is to come; its thread has not begun.</summary>
    /// <param name="leaving">What it takes the place of; null where it is one more.</param>
    /// <exception cref="EdgeRoute.Documents.EngineRefusedException">It cannot be used.</exception>
    public StagedSource Stage(SourceConfig source, LiveStream? leaving)
    {
        bool sharedBefore = engine.Streamer.SharesLane;
        try
        {
            engine.Streamer.SharesLane = CountAfter(leaving, isComing: true) > 1;
            return new StagedSource(engine, source);
        }
        finally
        {
            engine.Streamer.SharesLane = sharedBefore;
        }
    }

    /// <summary>Carries it out, between two frames.</summary>
    /// <param name="place">Where the one that comes stands among the others.</param>
    /// <returns>What has left, as it was at last: the loop's no more, and to be given to <see cref="Retire"/>.</returns>
    /// <exception cref="OperationCanceledException">The run ends; nothing has changed.</exception>
    public async Task<LiveStream?> Carry(LiveStream? leaving, StagedSource? coming, int place)
    {
        await engine.Recordings.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            return await CarryAlone(leaving, coming, place).ConfigureAwait(false);
        }
        finally
        {
            engine.Recordings.Gate.Release();
        }
    }

    /// <summary>Ends the source of a stream that the loop has let go of, and says what its frames came to.</summary>
    public void Retire(LiveStream? left)
    {
        if (left is { Capture: { } capture })
        {
            engine.Leaving.Retire(capture, left.Setup);
            var ends = left.Stream.Tally;
            engine.Reports.Note($"source {left.Stream.Name} has gone: {ends.Captured} frames captured; {ends.Completed} completed, "
                + $"{ends.Exited} exited, {ends.Escalated} escalated, {ends.Skipped} skipped, {ends.Dropped} dropped and "
                + $"{ends.Failed} failed");
        }
    }

    private async Task<LiveStream?> CarryAlone(LiveStream? leaving, StagedSource? coming, int place)
    {
        bool shares = CountAfter(leaving, coming is not null) > 1;
        bool sharedBefore = engine.Streamer.SharesLane;
        engine.Streamer.SharesLane = shares;
        LiveStream? left = null;
        var ending = engine.Recordings.Open.ToList();
        List<EdgeRoute.Engine.Tracing.Recording> beginning = [];
        try
        {
            List<StreamSetup> others = shares == sharedBefore ? [] : [.. engine.State.Live.Where(l => l != leaving).Select(Anew)];
            var plans = PlansAfter(leaving, coming?.Setup, others, place);
            ending.ForEach(r => beginning.Add(engine.Recordings.Follow(r, plans)));
            await engine.Boundary.Run(() =>
            {
                ending.ForEach(engine.Recordings.End);
                others.ForEach(o => engine.State.Replace(o.Index, o));
                left = leaving is null ? null : engine.State.Find(leaving.Stream.Index);
                engine.State.Exchange(left, coming?.Setup, coming?.Capture, place);
                beginning.ForEach(engine.Recordings.Begin);
                coming?.HandOver();
                LetGo(leaving);
            }).ConfigureAwait(false);
        }
        catch
        {
            engine.Streamer.SharesLane = sharedBefore;
            beginning.ForEach(r => r.Dispose());
            throw;
        }

        if (coming is not null)
        {
            string policy = coming.Setup.Parts.Router.Policy.Name;
            engine.Reports.Note($"source {coming.Setup.Source.Name} has come: {coming.Description}; policy {policy}");
        }

        ending.ForEach(r => engine.Recordings.Close(r));
        return left;
    }

    private void LetGo(LiveStream? leaving)
    {
        if (leaving?.Capture is { } capture)
        {
            engine.Leaving.LetGo(capture);
        }
    }

    private int CountAfter(LiveStream? leaving, bool isComing) =>
        engine.State.Live.Count - (leaving is null ? 0 : 1) + (isComing ? 1 : 0);

    /// <summary>The same stream with parts for the lane as it will be.</summary>
    private StreamSetup Anew(LiveStream live)
    {
        var (setup, parts) = (live.Setup, live.Setup.Parts);
        return setup with { Parts = engine.Streamer.Build(setup.Index, setup.Source, setup.Pack, parts.Exchange, parts) };
    }

    private List<StreamSetup> PlansAfter(LiveStream? leaving, StreamSetup? coming, List<StreamSetup> others, int place)
    {
        var plans = engine.State.Plans().Select(p => others.Find(o => o.Index == p.Index) ?? p).ToList();
        plans.RemoveAll(p => p.Index == leaving?.Stream.Index);
        if (coming is not null)
        {
            plans.Insert(place, coming);
        }

        return plans;
    }
}
