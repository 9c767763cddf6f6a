using EdgeRoute.ControlChannel.Watching;
using EdgeRoute.Protocol.Control;

namespace EdgeRoute.ControlChannel.Metrics;

/// <summary>The status of a device as metrics. Base units, as Prometheus wants them: seconds, bytes, joules, shares of 1.</summary>
public static class MetricsText
{
    public static string Of(DeviceStatus status, IReadOnlyList<PathTotal> paths, IReadOnlyList<TimeTotal>? times = null)
    {
        var text = new PrometheusWriter();
        text.Gauge("edgeroute_uptime_seconds", "Seconds since the engine started.").Sample(status.UptimeS);
        text.Gauge("edgeroute_emergency_stop", "1 while the emergency stop is pressed.").Sample(status.Stop is null ? 0 : 1);
        AddFrames(text, status.Streams);
        AddRobots(text, [.. status.Streams.Where(s => s.State is not null || s.Actions is not null)]);
        text.Counter("edgeroute_path_frames_total", "Frames by the path that answered them.");
        foreach (var path in paths)
        {
            text.Sample(path.FrameCount, ("stream", path.Stream), ("path", path.Path));
        }

        AddTimes(text, times ?? []);
        AddWindows(text, status.Streams);
        AddPrices(text, status.Streams);
        AddAudits(text, status.Streams);
        AddBoard(text, status.Board);
        AddChannel(text, status.Channel);
        AddOutputs(text, status.Outputs);
        AddGpio(text, status.Gpio);
        AddEngines(text, status.Engines);
        return text.ToString();
    }

    private static void AddFrames(PrometheusWriter text, List<StreamStatus> streams)
    {
        Each(text.Counter("edgeroute_frames_captured_total", "Frames that the source delivered."), streams, s => s.Captured);
        text.Counter("edgeroute_frames_total", "Frames by the one way in which they ended; their sum and those in flight are the "
            + "captured ones.");
        foreach (var s in streams)
        {
            (string End, long Count)[] ends =
                [("completed", s.Completed), ("exited", s.Exited), ("escalated", s.Escalated), ("skipped", s.Skipped),
                    ("dropped", s.Dropped), ("failed", s.Failed)];
            foreach (var (end, count) in ends)
            {
                text.Sample(count, ("stream", s.Name), ("end", end));
            }
        }

        Each(text.Counter("edgeroute_frames_late_total", "Frames published after their deadline."), streams, s => s.Late);
        Each(text.Counter("edgeroute_frames_stale_total", "Frames that ended while nothing had been looked at for longer than "
            + "answers may be old."), streams, s => s.Freshness?.StaleCount);
        Each(text.Gauge("edgeroute_answer_age_seconds", "From the last frame that was looked at to the latest one."), streams,
            s => s.Freshness?.AgeMs / 1e3);
        Each(text.Counter("edgeroute_fallbacks_total", "Stage faults that another option answered for."), streams, s => s.Fallbacks);
        text.Counter("edgeroute_faults_total", "What went wrong on frames, by kind; those of a damaged picture were decoded all the same.");
        foreach (var s in streams)
        {
            s.Faults.ForEach(f => text.Sample(f.Count, ("stream", s.Name), ("kind", f.Kind)));
        }

        if (streams.Exists(s => s.Rules.Count > 0))
        {
            AddRules(text, streams);
        }

        if (streams.Exists(s => s.Crops.Count > 0))
        {
            AddCrops(text, streams);
        }

        Each(text.Counter("edgeroute_source_faults_total", "Faults of the source."), streams, s => s.SourceFaults);
        Each(text.Counter("edgeroute_source_restarts_total", "Restarts of the source."), streams, s => s.SourceRestarts);
        Each(text.Gauge("edgeroute_source_ended", "1 where the source has ended."), streams, s => s.HasEnded ? 1 : 0);
    }

    private static void AddTimes(PrometheusWriter text, IReadOnlyList<TimeTotal> times)
    {
        text.Histogram("edgeroute_frame_latency_seconds", "Capture to publish of frames that were answered.");
        foreach (var all in times.Where(t => t.Phase is null))
        {
            text.Times(all, ("stream", all.Stream));
        }

        text.Histogram("edgeroute_frame_phase_seconds", "What a frame that was answered spent in each part of its road: waiting "
            + "for the loop, signals, preprocess, stages, heads.");
        foreach (var part in times.Where(t => t.Phase is not null))
        {
            text.Times(part, ("stream", part.Stream), ("phase", part.Phase!));
        }
    }

    private static void AddRules(PrometheusWriter text, List<StreamStatus> streams)
    {
        text.Gauge("edgeroute_rule_on", "1 while a rule on what a source sees is on.");
        streams.ForEach(s => s.Rules.ForEach(r => text.Sample(r.IsOn ? 1 : 0, ("stream", s.Name), ("rule", r.Name))));
        text.Counter("edgeroute_rule_turned_on_total", "Times a rule has turned on.");
        streams.ForEach(s => s.Rules.ForEach(r => text.Sample(r.OnCount, ("stream", s.Name), ("rule", r.Name))));
    }

    private static void AddRobots(PrometheusWriter text, List<StreamStatus> streams)
    {
        if (streams.Count == 0)
        {
            return;
        }

        Each(text.Gauge("edgeroute_robot_state_age_seconds", "Since the robot's state was measured that was put last."), streams,
            s => s.State?.AgeMs / 1e3);
        Each(text.Counter("edgeroute_robot_states_total", "States of the robot that were put."), streams, s => s.State?.PutCount);
        text.Counter("edgeroute_actions_total", "Steps of plans by what became of them; skipped: passed while the plan was computed.");
        foreach (var (name, actions) in streams.Where(s => s.Actions is not null).Select(s => (s.Name, s.Actions!)))
        {
            text.Sample(actions.GivenCount, ("stream", name), ("what", "given")).Sample(actions.HeldCount, ("stream", name),
                ("what", "hold"));
            text.Sample(actions.SkippedCount, ("stream", name), ("what", "skipped")).Sample(actions.MissedCount, ("stream", name),
                ("what", "missed"));
            text.Sample(actions.LostCount, ("stream", name), ("what", "lost"));
        }

        Each(text.Gauge("edgeroute_actions_holding", "1 while the actuator is told to hold."), streams,
            s => s.Actions is null ? null : Convert.ToDouble(s.Actions.Hold is not null));
    }

    private static void AddCrops(PrometheusWriter text, List<StreamStatus> streams)
    {
        text.Counter("edgeroute_crops_total", "Boxes by what a stage on crops made of them: run (looked at; failed ones are among them), "
            + "known (from an earlier frame), failed, small (too few pixels); short: frames that left no time for one.");
        foreach (var s in streams)
        {
            foreach (var c in s.Crops)
            {
                foreach (var (outcome, count) in new[] { ("run", c.RunCount), ("known", c.KnownCount), ("failed", c.FailedCount),
                    ("small", c.SmallCount), ("short", c.ShortCount) })
                {
                    text.Sample(count, ("stream", s.Name), ("stage", c.Stage), ("outcome", outcome));
                }
            }
        }

        text.Gauge("edgeroute_crop_seconds", "Device time of a crop lately.");
        streams.ForEach(s => s.Crops.ForEach(c => text.Sample(c.MeanMs / 1e3, ("stream", s.Name), ("stage", c.Stage))));
    }

    private static void AddWindows(PrometheusWriter text, List<StreamStatus> streams)
    {
        text.Summary("edgeroute_latency_seconds", "Capture to publish over the last 10 seconds, by quantile.");
        foreach (var s in streams)
        {
            text.Sample(s.Window.LatencyMsP50 / 1e3, ("stream", s.Name), ("quantile", "0.5"));
            text.Sample(s.Window.LatencyMsP95 / 1e3, ("stream", s.Name), ("quantile", "0.95"));
            text.Sample(s.Window.LatencyMsP99 / 1e3, ("stream", s.Name), ("quantile", "0.99"));
            text.Sample(s.Window.LatencyMsMax / 1e3, ("stream", s.Name), ("quantile", "1"));
        }

        Each(text.Gauge("edgeroute_frames_per_second", "Frames ended over the last 10 seconds."), streams, s => s.Window.FramesPerSecond);
        Each(text.Gauge("edgeroute_device_seconds", "Device time of a frame, mean of the last 10 seconds."), streams,
            s => s.Window.DeviceMsMean / 1e3);
        Each(text.Gauge("edgeroute_energy_joules", "Energy of a frame, mean of the last 10 seconds; absent without a power sensor."),
            streams,
            s => s.Window.EnergyMillijoulesMean / 1e3);
        Each(text.Gauge("edgeroute_deadline_seconds", "Capture to publish; absent without a deadline."), streams, s => s.DeadlineMs / 1e3);
    }

    private static void AddPrices(PrometheusWriter text, List<StreamStatus> streams)
    {
        text.Gauge("edgeroute_price", "Gain per millisecond of the calibration's device time, by what it is.");
        foreach (var s in streams.Where(s => s.Price is not null))
        {
            text.Sample(s.Price!.InForce, ("stream", s.Name), ("kind", "in_force")).Sample(s.Price.Asked, ("stream", s.Name),
                ("kind", "asked"));
            text.Sample(s.Price.Ceiling, ("stream", s.Name), ("kind", "ceiling")).Sample(s.Price.Dial, ("stream", s.Name),
                ("kind", "dial"));
        }

        Each(text.Gauge("edgeroute_pace", "What the device takes now as a multiple of what the calibration measured."), streams,
            s => s.Price?.Pace);
        Each(text.Gauge("edgeroute_quality_floor", "Quality that must hold; absent without a floor."), streams, s => s.Price?.Floor);
        EachBudget(text.Gauge("edgeroute_budget_measured", "What a budget measures, in its own unit."), streams, b => b.Measured);
        EachBudget(text.Gauge("edgeroute_budget_target", "What a budget allows, in its own unit."), streams, b => b.Target);
        EachBudget(text.Gauge("edgeroute_budget_missed", "1 where a budget is missed."), streams, b => b.IsMissed ? 1 : 0);
    }

    private static void AddAudits(PrometheusWriter text, List<StreamStatus> streams)
    {
        Each(text.Counter("edgeroute_audited_frames_total", "Frames compared with the heaviest path."), streams,
            s => s.Audit?.AuditedCount);
        Each(text.Counter("edgeroute_audits_let_go_total", "Audits drawn that there was no time for."), streams, s => s.Audit?.LetGoCount);
        Each(text.Counter("edgeroute_audit_breaches_total", "Times that audits showed the floor broken."), streams,
            s => s.Audit?.BreachCount);
        Each(text.Gauge("edgeroute_audit_agreement", "1 - the mean loss of audited frames."), streams, s => s.Audit?.AgreementMean);
    }

    private static void AddBoard(PrometheusWriter text, BoardStatus board)
    {
        text.Gauge("edgeroute_board_watts", "Power of the board.").Sample(board.Watts);
        text.Gauge("edgeroute_board_hottest_celsius", "The hottest zone.").Sample(board.HottestCelsius, ("zone", board.HottestZone ?? ""));
        text.Gauge("edgeroute_board_gpu_ratio", "Load of the GPU.").Sample(board.GpuPercent / 100);
        text.Gauge("edgeroute_board_cpu_ratio", "Load of the CPU.").Sample(board.CpuPercent / 100);
        text.Gauge("edgeroute_board_cpu_hertz", "Clock of the CPU.").Sample(board.CpuMegahertz * 1e6);
        text.Gauge("edgeroute_board_memory_available_bytes", "Memory that can be had.").Sample(board.MemoryAvailableBytes);
        text.Gauge("edgeroute_board_memory_bytes", "Memory of the board.").Sample(board.MemoryTotalBytes);
        text.Gauge("edgeroute_resident_memory_bytes", "Memory of this process.").Sample(board.ResidentBytes);
        text.Counter("edgeroute_board_throttles_total", "Times that heat or power slowed the board down.").Sample(board.ThrottleCount);
    }

    private static void AddChannel(PrometheusWriter text, ChannelStatus channel)
    {
        text.Gauge("edgeroute_channel_connections", "Clients connected.").Sample(channel.ConnectionCount);
        text.Gauge("edgeroute_channel_subscriptions", "Subscriptions of all clients.").Sample(channel.SubscriberCount);
        text.Counter("edgeroute_channel_accepted_total", "Connections that got a place.").Sample(channel.AcceptedCount);
        text.Counter("edgeroute_channel_refused_total", "Connections and requests refused.").Sample(channel.RefusedCount);
        text.Counter("edgeroute_channel_telemetry_lost_total", "Telemetry messages and trace records that clients were too slow for.")
            .Sample(channel.TelemetryLostCount);
        text.Counter("edgeroute_channel_requests_total", "Requests.").Sample(channel.RequestCount);
        text.Gauge("edgeroute_journal_entries", "Changes in the journal.").Sample(channel.JournalCount);
    }

    private static void AddOutputs(PrometheusWriter text, List<OutputStatus> outputs)
    {
        text.Counter("edgeroute_answers_told_total", "Answers handed to an output, to the channel's subscribers together, or to one.");
        outputs.ForEach(o => text.Sample(o.ToldCount, ("kind", o.Kind), ("output", o.Name)));
        text.Counter("edgeroute_answers_lost_total", "Answers that an output or subscriber did not get: too slow, full or gone.");
        outputs.ForEach(o => text.Sample(o.LostCount, ("kind", o.Kind), ("output", o.Name)));
        text.Gauge("edgeroute_output_failed", "1 where an output takes nothing: it has failed, or has no connection.");
        outputs.ForEach(o => text.Sample(o.Fault is null ? 0 : 1, ("kind", o.Kind), ("output", o.Name)));
    }

    private static void AddGpio(PrometheusWriter text, List<GpioLineStatus> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        void Add(PrometheusWriter metric, Func<GpioLineStatus, double> value) =>
            lines.ForEach(l => metric.Sample(value(l), ("line", l.Name), ("use", l.Use)));

        text.Gauge("edgeroute_gpio_active", "1 while a GPIO line is active.");
        lines.FindAll(l => l.Level != GpioLineStatus.Unknown)
            .ForEach(l => text.Sample(l.Level == GpioLineStatus.Active ? 1 : 0, ("line", l.Name), ("use", l.Use)));
        Add(text.Counter("edgeroute_gpio_edges_total", "Changes of a line's level."), l => l.EdgeCount);
        Add(text.Counter("edgeroute_gpio_lost_total", "Edges and triggers that were too fast, and what rules asked of a line that could "
            + "not be had."), l => l.LostCount);
        Add(text.Counter("edgeroute_gpio_faults_total", "Times a line could not be had or was lost."), l => l.FaultCount);
        Add(text.Gauge("edgeroute_gpio_failed", "1 while a line cannot be had."), l => l.Fault is null ? 0 : 1);
        text.Summary("edgeroute_gpio_latency_seconds", "From an input's edge to what it does, and from an answer to the output that a "
            + "rule drives, by quantile.");
        foreach (var line in lines)
        {
            text.Sample(line.LatencyUsP50 / 1e6, ("line", line.Name), ("quantile", "0.5"));
            text.Sample(line.LatencyUsP99 / 1e6, ("line", line.Name), ("quantile", "0.99"));
            text.Sample(line.LatencyUsMax / 1e6, ("line", line.Name), ("quantile", "1"));
        }
    }

    private static void AddEngines(PrometheusWriter text, List<EngineStatus> engines)
    {
        if (engines.Count == 0)
        {
            return;
        }

        void Add(PrometheusWriter metric, Func<EngineStatus, double> value) =>
            engines.ForEach(e => metric.Sample(value(e), ("engine", e.Name)));

        Add(text.Gauge("edgeroute_engine_ready", "1 while frames may go to an engine."), e => e.State == EngineStatus.Ready ? 1 : 0);
        Add(text.Counter("edgeroute_engine_requests_total", "Runs of stages asked of an engine."), e => e.RequestCount);
        Add(text.Counter("edgeroute_engine_answered_total", "Runs that an engine answered in time."), e => e.AnsweredCount);
        Add(text.Counter("edgeroute_engine_late_total", "Runs that it did not answer in time."), e => e.LateCount);
        Add(text.Counter("edgeroute_engine_failed_total", "Runs that it refused, or answered with what cannot be used."),
            e => e.FailedCount);
        Add(text.Counter("edgeroute_engine_here_total", "Runs that were done on the device because an engine let them down."),
            e => e.HereCount);
        Add(text.Counter("edgeroute_engine_kept_total", "Runs that stayed on the device because an engine would have been slower."),
            e => e.KeptCount);
        Add(text.Counter("edgeroute_engine_sent_bytes_total", "Bytes of requests."), e => e.BytesOut);
        Add(text.Counter("edgeroute_engine_received_bytes_total", "Bytes of answers."), e => e.BytesIn);
        Add(text.Gauge("edgeroute_engine_round_trip_seconds", "From request to answer, of the stage that takes longest."),
            e => e.RoundTripMs / 1e3);
    }

    private static void Each(PrometheusWriter text, List<StreamStatus> streams, Func<StreamStatus, double?> value) =>
        streams.ForEach(s => text.Sample(value(s), ("stream", s.Name)));

    private static void EachBudget(PrometheusWriter text, List<StreamStatus> streams, Func<BudgetStatus, double> value) =>
        streams.ForEach(s => s.Price?.Budgets.ForEach(b => text.Sample(value(b), ("stream", s.Name), ("budget", b.Name))));
}
