using System.Globalization;
using System.Text;
using EdgeRoute.Core.Rules;

namespace EdgeRoute.Documents.Configs;

/// <summary>Writes a config in its canonical form.</summary>
internal static class EffectiveText
{
    public static string Of(DeviceConfig config)
    {
        var text = new StringBuilder();
        AddRuntime(text, config.Runtime);
        text.Append("packs:\n");
        foreach (var pack in config.Packs)
        {
            AddPack(text, pack);
        }

        text.Append(config.Engines.Count > 0 ? "engines:\n" : "");
        foreach (var engine in config.Engines)
        {
            engine.AddTo(text);
        }

        text.Append("sources:\n");
        foreach (var source in config.Sources)
        {
            AddSource(text, source);
        }

        AddOutputs(text, config);
        var disk = config.Disk;
        text.Append(CultureInfo.InvariantCulture, $"disk:\n  keep_mb: {disk.KeepMegabytes}\n  keep_days: {disk.KeepDays}\n  file_mb: "
            + $"{disk.FileMegabytes}\n  free_mb: {disk.FreeMegabytes}\n");
        AddAnswerOutputs(text, config.Outputs);
        AddGpio(text, config.Gpio);
        if (config.PowerMonitor is { } monitor)
        {
            text.Append(CultureInfo.InvariantCulture, $"power:\n  ina219:\n    bus: {monitor.Bus}\n    address: 0x{monitor.Address:x2}\n"
                + $"    shunt_ohms: {monitor.ShuntOhms}\n");
        }

        if (config.Control is { } control)
        {
            AddControl(text, control);
        }

        return text.ToString();
    }

    private static void AddRuntime(StringBuilder text, RuntimeConfig runtime)
    {
        text.Append("runtime:\n");
        if (runtime.Library is { } library)
        {
            text.Append("  library: ").Append(Quoted(library.Written)).Append('\n');
        }

        text.Append(runtime.LibrarySha256 is { } digest ? $"  library_sha256: {Quoted(digest)}\n" : "");
        string threads = runtime.ThreadCount?.ToString(CultureInfo.InvariantCulture) ?? ConfigEnums.Auto;
        string nice = runtime.Nice?.ToString(CultureInfo.InvariantCulture) ?? ConfigEnums.Auto;
        text.Append(CultureInfo.InvariantCulture, $"  threads: {threads}\n  nice: {nice}\n  realtime: {runtime.Realtime}\n"
            + $"  spin: {NameOf(runtime.Spin)}\n  kernel: {runtime.KernelName}\n  stage_limit_ms: {runtime.StageLimitMs}\n  providers:\n");
        foreach (var provider in runtime.Providers)
        {
            text.Append(CultureInfo.InvariantCulture, $"    - name: {provider.Name}\n      require: {NameOf(provider.Require)}\n");
            text.Append(provider.Options.Count > 0 ? "      options:\n" : "");
            foreach (var (key, value) in provider.Options)
            {
                text.Append(CultureInfo.InvariantCulture, $"        {Quoted(key)}: {Quoted(value)}\n");
            }
        }
    }

    private static void AddPack(StringBuilder text, PackConfig pack)
    {
        text.Append(CultureInfo.InvariantCulture, $"  {pack.Name}:\n    manifest: {Quoted(pack.Manifest.Written)}\n");
        text.Append(pack.Files is { } files ? $"    files: {Quoted(files.Written)}\n" : "");
    }

    private static void AddSource(StringBuilder text, SourceConfig source)
    {
        string key = source.Address.Kind == AddressKind.Pipeline ? "pipeline" : "open";
        text.Append(CultureInfo.InvariantCulture, $"  {source.Name}:\n    {key}: {Quoted(source.Address.Text)}\n    pack: "
            + $"{source.PackName}\n");
        text.Append(CultureInfo.InvariantCulture, $"    take: {ConfigEnums.Of(ConfigEnums.Takes, source.Take)}\n    pace: "
            + $"{ConfigEnums.Of(ConfigEnums.Paces, source.Pace)}\n    loop: {NameOf(source.Loop)}\n");
        text.Append(source.Address.Kind == AddressKind.Pipeline ? $"    live: {NameOf(source.Address.IsLive)}\n" : "");
        text.Append(source.User is { } user ? $"    user: {Quoted(user)}\n" : "");
        text.Append(source.PasswordFile is { } password ? $"    password_file: {Quoted(password.Written)}\n" : "");
        text.Append(source.FramesPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"    frames_per_second: {rate}\n")
            : "");
        text.Append(source.Address.Kind == AddressKind.Rtsp
            ? string.Create(CultureInfo.InvariantCulture, $"    rtsp_latency_ms: {source.RtspLatencyMs}\n    rtsp_transport: "
                + $"{ConfigEnums.Of(ConfigEnums.RtspTransports, source.RtspTransport)}\n") : "");
        text.Append(CultureInfo.InvariantCulture, $"    isolate: {NameOf(source.IsIsolated)}\n    stall_ms: {source.StallMs}\n    policy:\n"
            + $"      kind: {NameOf(source.Policy.Kind)}\n");
        text.Append(source.Policy.PathName is { } path ? $"      path: {Quoted(path)}\n" : "");
        if (source.Policy.Carry is { } carry)
        {
            text.Append(CultureInfo.InvariantCulture, $"      carry_ms: {carry.AgeMsAtMost}\n      carry_drift: {carry.DriftAtMost}\n");
        }

        AddSpending(text, source);
        text.Append(CultureInfo.InvariantCulture, $"    weight: {source.Spending.Weight}\n");
        AddSettings(text, StreamSettings.Alone, source);
        AddRobot(text, source);
        AddWatch(text, source.Watch);
    }

    private static void AddRobot(StringBuilder text, SourceConfig source)
    {
        if (source.State is { } state)
        {
            double ageMs = state.InstructionMaxAgeMs;
            text.Append(CultureInfo.InvariantCulture, $"    state:\n      from: {ConfigEnums.Of(ConfigEnums.StateOrigins, state.From)}\n");
            text.Append(CultureInfo.InvariantCulture, $"      max_age_ms: {state.MaxAgeMs}\n      instruction_max_age_ms: ");
            text.Append(double.IsFinite(ageMs) ? ageMs.ToString(CultureInfo.InvariantCulture) : ConfigEnums.None).Append('\n');
            state.Topic?.AddTo(text);
        }

        if (source.Actions is not { } actions)
        {
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"    actions:\n      actuator: "
            + $"{ConfigEnums.Of(ConfigEnums.Actuators, actions.Actuator)}\n      hz: {actions.Hz}\n      max_age_ms: {actions.MaxAgeMs}\n"
            + $"      blend: {ConfigEnums.Of(ConfigEnums.Blends, actions.Blends)}\n      skip_passed: {NameOf(actions.SkipsPassed)}\n");
        text.Append(actions.SkipsPassed ? string.Create(CultureInfo.InvariantCulture, $"      latency_ms: {actions.LatencyMs}\n") : "");
        text.Append(actions.File is { } file ? $"      path: {Quoted(file.Written)}\n" : "");
        text.Append(actions.Output is { } output ? $"      output: {output}\n" : "");
        actions.Drive?.AddTo(text, actions.Actuator);
    }

    private static void AddWatch(StringBuilder text, WatchConfig watch)
    {
        AddEach(text, "zones", watch.Zones.Select(z => (z.Name, Points(z.Corners))));
        AddEach(text, "lines", watch.Lines.Select(l => (l.Name, Points([l.From, l.To]))));
        AddEach(text, "rules", watch.Rules.Select(r => (r.Name, r.Written)));
    }

    private static void AddEach(StringBuilder text, string key, IEnumerable<(string Name, string Written)> entries)
    {
        string lines = string.Concat(entries.Select(e => $"      {e.Name}: {e.Written}\n"));
        text.Append(lines.Length > 0 ? $"    {key}:\n{lines}" : "");
    }

    private static string Points(IEnumerable<FramePoint> points) =>
        $"[{string.Join(", ", points.Select(p => string.Create(CultureInfo.InvariantCulture, $"[{p.X}, {p.Y}]")))}]";

    private static void AddSpending(StringBuilder text, SourceConfig source)
    {
        var culture = CultureInfo.InvariantCulture;
        if (source.Policy.Kind != PolicyKind.Value)
        {
            return;
        }

        text.Append(source.Policy.Calibration is { } file ? $"      calibration: {Quoted(file.Written)}\n" : "");
        AddSettings(text, StreamSettings.OfPolicy, source);
        bool hasBudget = StreamSettings.OfBudget.Any(b => !b.Get(source).IsNone);
        text.Append(hasBudget ? "    budget:\n" : "");
        AddSettings(text, source.Spending.Budgets.Select(b => StreamSettings.Of(b.Kind)), source);
        AddSettings(text, source.Spending.Allowances.Select(a => StreamSettings.Of(a.Kind, a.Period)), source);
        AddSettings(text, [StreamSettings.EpisodeSeconds, StreamSettings.BatteryWattHours], source);
        if (source.Audit is { } audit)
        {
            text.Append("    audit:\n");
            AddSettings(text, [StreamSettings.AuditShare], source);
            text.Append(culture, $"      keep_per_hour: {audit.KeepPerHour}\n");
            text.Append(audit.KeepFolder is { } folder ? $"      keep_folder: {Quoted(folder.Written)}\n" : "");
        }
    }

    private static void AddSettings(StringBuilder text, IEnumerable<StreamSetting> settings, SourceConfig source)
    {
        foreach (var setting in settings)
        {
            var value = setting.Get(source);
            if (value.IsNone && !setting.IsShownAsNone)
            {
                continue;
            }

            string written = value.Text is { } word ? Quoted(word)
                : value.Number?.ToString(CultureInfo.InvariantCulture) ?? ConfigEnums.None;
            text.Append(setting.LastKey == setting.ConfigKey ? "    " : "      ").Append(setting.LastKey).Append(": ").Append(written)
                .Append('\n');
        }
    }

    private static void AddControl(StringBuilder text, ControlConfig control)
    {
        text.Append("control:\n  unix: ").Append(control.Unix is { } unix ? Quoted(unix.Written) : ConfigEnums.None);
        text.Append("\n  tcp: ").Append(control.Tcp is { } tcp ? Quoted(tcp.ToString()) : ConfigEnums.None);
        text.Append("\n  metrics: ").Append(control.Metrics is { } metrics ? Quoted(metrics.ToString()) : ConfigEnums.None).Append('\n');
        text.Append(control.State is { } state ? $"  state: {Quoted(state.Written)}\n" : "")
            .Append(control.Name is { } name ? $"  name: {Quoted(name)}\n" : "")
            .Append(control.IsAnnounced ? "  announce: true\n" : "");
    }

    private static void AddOutputs(StringBuilder text, DeviceConfig config)
    {
        if (config.Trace is { } trace)
        {
            text.Append("trace:\n  file: ").Append(Quoted(trace.Written)).Append('\n');
        }

        if (config.Record is { } record)
        {
            text.Append("record:\n  file: ").Append(Quoted(record.File.Written)).Append("\n  frames: ").Append(NameOf(record.Frames))
                .Append('\n');
        }
    }

    private static void AddAnswerOutputs(StringBuilder text, IReadOnlyList<OutputConfig> outputs)
    {
        text.Append(outputs.Count > 0 ? "outputs:\n" : "");
        foreach (var output in outputs)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {output.Name}:\n    kind: {ConfigEnums.Of(ConfigEnums.Outputs, output.Kind)}\n");
            output.AddTo(text);
        }
    }

    private static void AddGpio(StringBuilder text, GpioConfig gpio)
    {
        if (gpio.Lines.Count == 0)
        {
            return;
        }

        text.Append("gpio:\n").Append(gpio.Board is { } board ? $"  board: {board}\n" : "").Append("  lines:\n");
        foreach (var line in gpio.Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {line.Name}:\n      use: {ConfigEnums.Of(ConfigEnums.GpioUses, line.Use)}\n");
            text.Append(line.Chip is { } chip ? $"      chip: {Quoted(chip)}\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"      {(line.Pin is { } pin ? $"pin: {pin}" : $"line: {Quoted(line.Line)}")}\n");
            text.Append(line.Source is { } source ? $"      source: {source}\n" : "");
            text.Append(line.Path is { } path ? $"      path: {Quoted(path)}\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"      active_low: {NameOf(line.IsActiveLow)}\n      bias: "
                + $"{ConfigEnums.Of(ConfigEnums.GpioBiases, line.Bias)}\n");
            text.Append(line.Use == GpioUse.Heartbeat ? string.Create(CultureInfo.InvariantCulture,
                $"      period_ms: {line.PeriodMs}\n      within_ms: {line.WithinMs}\n") : "");
            text.Append(line.IsOutput ? $"      drive: {ConfigEnums.Of(ConfigEnums.GpioDrives, line.Drive)}\n      safe: "
                + $"{ConfigEnums.Of(ConfigEnums.GpioLevels, line.IsSafeActive)}\n"
                : string.Create(CultureInfo.InvariantCulture, $"      debounce_us: {line.DebounceUs}\n"));
        }
    }

    private static string NameOf<T>(T value) => value!.ToString()!.ToLowerInvariant();

    /// <summary>Double quotes with YAML's escapes, whatever the text, so that no value can be taken for another kind.</summary>
    internal static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\ufeff' =>
                    string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }

        return text.Append('"').ToString();
    }
}
