using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.Engine.Steering;

/// <summary>Changes of a running engine: checked as a whole, applied between frames, journaled.</summary>
public sealed class ChangeTests
{
    [SkippableFact]
    public async Task A_price_is_in_force_for_the_frames_after_it()
    {
        using var rig = new SteeringRig();
        var reply = await rig.Change(new SettingSet { Price = SettingValue.Of(0.02) });
        Assert.True(reply.IsApplied);
        Assert.Equal(("price", "none", "0.02"), (reply.Differences[0].Name, reply.Differences[0].Before, reply.Differences[0].After));
        Assert.Contains(reply.Effects, e => e.StartsWith("at price 0.02 the calibration predicts", StringComparison.Ordinal));
        rig.PassFrames(2);
        Assert.Equal(0.02f, rig.Engine.State.Streams[0].Router.Operating.PricePerMs);
        var status = rig.Steering.Status().Streams[0];
        Assert.Equal(0.02, status.Price!.InForce);
        Assert.Equal(0.02, status.Price.Dial);
        Assert.Contains("price: 0.02", rig.Engine.State.Config.Effective(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_dry_run_says_the_same_and_changes_nothing()
    {
        using var rig = new SteeringRig();
        string before = rig.Engine.State.Config.HashText();
        var reply = await rig.Change(new SettingSet { Price = SettingValue.Of(0.02), DeviceMs = SettingValue.Of(0.3) }, isDryRun: true);
        Assert.False(reply.IsApplied);
        Assert.Equal(["price", "budget.device_ms"], reply.Differences.Select(d => d.Name));
        Assert.Contains(reply.Effects, e => e.Contains("a budget of 0.3 ms a frame is met at a price of about", StringComparison.Ordinal));
        rig.PassFrames(2);
        Assert.Equal(0, rig.Engine.State.Streams[0].Router.Operating.PricePerMs);
        Assert.Equal(before, rig.Engine.State.Config.HashText());
        Assert.Empty(rig.Journal.Recent());
    }

    [SkippableFact]
    public async Task Another_setting_leaves_a_budgets_price_where_it_was()
    {
        using var rig = new SteeringRig(more: ", budget: { device_ms: 0.05 }");
        rig.PassFrames(240);
        // A price that pays back what was spent too much goes up and down from frame to frame.
        double before = Enumerable.Range(0, 60).Min(_ =>
        {
            rig.PassFrames(1);
            return rig.Engine.State.Streams[0].Pricing!.Prices.Price;
        });
        Assert.True(before > 0, "the budget is far below what frames cost; its price must have risen");
        await rig.Change(new SettingSet { DeadlineMs = SettingValue.Of(500) });
        double after = rig.Engine.State.Streams[0].Pricing!.Prices.Price;
        Assert.True(after > before / 4, $"the price fell from {before} to {after}: the budget began anew");
    }

    [SkippableFact]
    public async Task An_episode_begins_where_there_is_an_allowance_for_one()
    {
        using var rig = new SteeringRig();
        Task<DoneReply> Begin() => rig.Call<DoneReply>(ControlMethod.EpisodeBegin, new StreamRequest());
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(Begin);
        Assert.Contains("stream table has no allowance per episode; set one first", refused.Message, StringComparison.Ordinal);
        await rig.Change(new SettingSet { HeavyRunsPerEpisode = SettingValue.Of(2), EpisodeSeconds = SettingValue.Of(10) });
        var allowance = Assert.Single(rig.Engine.State.Streams[0].Pricing!.Allowances);
        Assert.Equal((2, 10_000, 300), (allowance.Plan.Allowance, allowance.Plan.DurationMs, allowance.Plan.FrameLimit));
        rig.PassFrames(20);
        Assert.InRange(allowance.Spent, 1, 2);
        Assert.Equal("heavy_runs_per_episode", Assert.Single(rig.Steering.Status().Streams[0].Price!.Budgets).Name);
        Assert.Equal("an episode of stream table begins with its next frame", (await Begin()).Text);
        Assert.Contains("episode_seconds: 10", rig.Engine.State.Config.Effective(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Costs_learnt_and_audits_go_over_to_the_changed_stream()
    {
        using var rig = new SteeringRig(more: ", audit: { share: 0.5 }");
        rig.PassFrames(50);
        var (costs, auditor) = (rig.Engine.State.Streams[0].Router.Costs, rig.Engine.State.Streams[0].Parts.Auditor);
        await rig.Change(new SettingSet { Price = SettingValue.Of(0.01) });
        Assert.Same(costs, rig.Engine.State.Streams[0].Router.Costs);
        Assert.Same(auditor, rig.Engine.State.Streams[0].Parts.Auditor);
    }

    [SkippableFact]
    public async Task A_lock_forces_its_path_and_goes_again()
    {
        using var rig = new SteeringRig("kind: cascade");
        await rig.Change(new SettingSet { Lock = SettingValue.Of("light") });
        rig.PassFrames(3);
        var before = rig.Engine.State.Streams[0].Tally;
        rig.PassFrames(20);
        var after = rig.Engine.State.Streams[0].Tally - before;
        Assert.Equal(after.Ended, after.Exited);
        await rig.Change(new SettingSet { Lock = SettingValue.None });
        Assert.Equal(-1, rig.Engine.State.Streams[0].Router.LockNodeIndex);
    }

    [SkippableFact]
    public async Task The_policy_changes_to_value_and_back()
    {
        using var rig = new SteeringRig("kind: cascade");
        await rig.Change(new SettingSet { Policy = SettingValue.Of("value"), Price = SettingValue.Of(0.01) });
        rig.PassFrames(5);
        Assert.Equal("value", rig.Engine.State.Streams[0].Router.Policy.Name);
        Assert.Equal(0.01, rig.Engine.State.Streams[0].Pricing!.Prices.Price, 9);
        // In force it is in the milliseconds of this machine.
        Assert.True(rig.Engine.State.Streams[0].Router.Operating.PricePerMs > 0);
        await rig.Change(new SettingSet { Policy = SettingValue.Of("fixed:heavy_1") });
        rig.PassFrames(5);
        Assert.Null(rig.Engine.State.Streams[0].Pricing);
    }

    [SkippableFact]
    public async Task Everything_wrong_with_a_change_is_named_at_once_and_nothing_happens()
    {
        using var rig = new SteeringRig();
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Change(new SettingSet
        {
            Price = SettingValue.Of(-1), Floor = SettingValue.Of(97), Policy = SettingValue.Of("magic"), Pack = SettingValue.Of("nothing"),
        }));
        Assert.Equal(RpcErrorCode.BadRequest, refused.Error.Code);
        foreach (string word in new[] { "'price' is -1", "0 to 10 gain per ms", "'floor' is 97", "policy 'magic'", "no pack 'nothing'" })
        {
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(rig.Journal.Recent());
    }

    [SkippableTheory]
    [InlineData("kind: cascade", "knows no prices")]
    [InlineData("kind: fixed, path: light", "knows no prices")]
    public async Task Budgets_of_a_policy_without_prices_are_refused(string policy, string expected)
    {
        using var rig = new SteeringRig(policy);
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Change(new SettingSet { DeviceMs = SettingValue.Of(3) }));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_journal_says_who_what_before_and_after()
    {
        using var rig = new SteeringRig();
        var reply = await rig.Change(new SettingSet { DeviceMs = SettingValue.Of(0.4) });
        var entry = Assert.Single(rig.Journal.Recent());
        Assert.Equal((reply.JournalNumber, "anna (admin, unix)", "table", "applied"),
            (entry.Number, entry.Who, entry.Stream, entry.Outcome));
        Assert.Equal(("budget.device_ms", "none", "0.4"),
            (entry.Differences[0].Name, entry.Differences[0].Before, entry.Differences[0].After));
    }

    [SkippableFact]
    public async Task A_change_after_the_run_is_refused()
    {
        using var rig = new SteeringRig();
        rig.StopLoop();
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Change(new SettingSet { Price = SettingValue.Of(0.02) }));
        Assert.Equal(RpcErrorCode.Unavailable, refused.Error.Code);
    }

    /// <summary>
    /// By the change that costs frames least: the runtime makes things of its own on the loop's thread, the first time that a lock is
    /// fought for, say.
    /// </summary>
    [SkippableFact]
    public async Task Changes_are_no_allocations_of_frames()
    {
        using var rig = new SteeringRig();
        rig.PassFrames(100);
        long before = rig.Engine.Report().LoopAllocatedBytes, least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            await rig.Change(new SettingSet { Price = SettingValue.Of(0.001 * (i + 1)) });
            rig.PassFrames(20);
            long after = rig.Engine.Report().LoopAllocatedBytes;
            (before, least) = (after, Math.Min(least, after - before));
        }

        Assert.Equal(0, least);
    }

    [SkippableFact]
    public async Task A_pack_is_loaded_taken_into_use_and_unloaded()
    {
        using var rig = new SteeringRig("kind: cascade");
        await rig.Call<PackList>(ControlMethod.PackLoad, new PackLoadRequest { Name = "second",
            ManifestPath = EdgeRoute.Tests.Workbench.Sweeps.ShapesSweeps.ShapesFolder + "/manifest.json" });
        rig.PassFrames(30);
        await rig.Change(new SettingSet { Pack = SettingValue.Of("second") });
        rig.PassFrames(30);
        await rig.Call<DoneReply>(ControlMethod.PackUnload, new NamedRequest { Name = "shapes" });
        rig.PassFrames(30);
        rig.StopLoop();
        var report = rig.Engine.Report();
        Assert.True(report.Total.IsLawKept);
        Assert.Equal(report.Total.Ends.Ended - report.Total.Ends.Dropped, report.Total.AnsweredCount);
        Assert.Contains("second:", rig.Engine.State.Config.Effective(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_pack_in_use_is_not_unloaded()
    {
        using var rig = new SteeringRig("kind: cascade");
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() => rig.Call<DoneReply>(ControlMethod.PackUnload,
            new NamedRequest { Name = "shapes" }));
        Assert.Equal((RpcErrorCode.Conflict, "pack shapes is used by stream table"), (refused.Error.Code, refused.Message));
    }
}
