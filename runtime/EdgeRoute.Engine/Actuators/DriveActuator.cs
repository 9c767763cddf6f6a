using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Faults;
using EdgeRoute.Engine.Frames;
using EdgeRoute.Protocol;

namespace EdgeRoute.Engine.Actuators;

/// <summary>
/// Carries actions out on this machine: each axis follows its value of a step. A chip that does not answer costs the steps meanwhile, which
/// are counted; it is opened anew, and what was told before is told again. Opened with the first step, so that nothing moves that is only
/// checked. Steps allocate nothing here; the kernel's own channels allocate a text for each value in the package.
/// </summary>
internal sealed class DriveActuator(ActuatorKind kind, DriveConfig config, DriveParts parts, TimeProvider clock) : IActuator, IDisposable
{
    /// <summary>Between two tries to open what is gone: a bus without its chip says so at once, one that hangs takes a second.</summary>
    public const long RetryNs = 250_000_000;

    /// <summary>Between two looks at whether the chip was reset.</summary>
    public const long LookNs = 500_000_000;

    private readonly double[] _places = [.. config.Axes.Select(a => a.By is null ? double.NaN : a.Start)];
    private DriveRig? _rig;
    private volatile string? _fault;
    private long _retryNs = long.MinValue, _lookNs, _lostCount;
    private bool _isDisposed, _hasMoved;

    public long LostCount => Interlocked.Read(ref _lostCount);

    public string? Fault => _fault;

    /// <summary>What it drives, and what becomes of that at the end, in words.</summary>
    public static string Describe(ActuatorKind kind, DriveConfig config)
    {
        var axes = config.Axes.Select(a => $"{a.Name} on {a.Place} (value {a.Action}, hold: {a.Hold}, end: {a.End})");
        string chip = config.Chip is null ? "" : $" over {config.Chip}, {config.Chip.Hz} Hz";
        return $"{ConfigEnums.Of(ConfigEnums.Actuators, kind)}{chip}: {string.Join(", ", axes)}";
    }

    public void Act(in ActionOrigin origin, ReadOnlySpan<float> action)
    {
        long nowNs = clock.NowNs();
        if (!TryOpen(nowNs))
        {
            Interlocked.Increment(ref _lostCount);
            return;
        }

        string? reason = null;
        bool isWhole = true;
        for (int i = 0; i < config.Axes.Count; i++)
        {
            // One axis that fails keeps no other from holding.
            try
            {
                isWhole &= Move(i, origin.IsHold ? config.Axes[i].Hold : null, action);
            }
            catch (Exception failed) when (PartThread.IsPartsOwn(failed))
            {
                reason ??= DriveRig.Explain(config, config.Axes[i], parts, failed);
            }
        }

        reason ??= Look(nowNs);
        Interlocked.Add(ref _lostCount, reason is not null || !isWhole ? 1 : 0);
        if (reason is not null)
        {
            Lose(reason, nowNs);
        }
    }

    /// <summary>Leaves each axis as its config says.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (_rig is null)
        {
            return;
        }

        for (int i = 0; i < config.Axes.Count; i++)
        {
            int axis = i;
            PartThread.Try(() => Move(axis, config.Axes[axis].End, []), fault => _fault ??= PartThread.Words(fault));
        }

        if (config.Axes.All(a => a.End.Kind == RestKind.Release))
        {
            PartThread.Try(_rig.Stop, fault => _fault ??= PartThread.Words(fault));
        }

        Close();
    }

    /// <summary>False: the step's value is no number, and the axis stays.</summary>
    private bool Move(int i, AxisRest? rest, ReadOnlySpan<float> action)
    {
        var (axis, output) = (config.Axes[i], _rig!.Outputs[i]);
        if (rest is { Kind: RestKind.Release })
        {
            output.Release();
            return true;
        }

        float value = rest is null ? action[axis.Action] : 0;
        bool isNumber = float.IsFinite(value);
        double place = _places[i];
        if (rest is { Kind: RestKind.Value } known)
        {
            place = known.Value;
        }
        else if (rest is null && isNumber)
        {
            place = axis.By is { } by ? axis.To.Clamp(place + axis.From.To(by, value)) : axis.From.To(axis.To, value);
        }

        // Before its first step an axis has nothing to keep, and gets no pulse.
        if (double.IsFinite(place) && (rest is null || _hasMoved || rest.Value.Kind == RestKind.Value))
        {
            output.Write(place);
            _places[i] = place;
        }

        _hasMoved |= rest is null;
        return isNumber;
    }

    private bool TryOpen(long nowNs)
    {
        if (_rig is not null || _isDisposed || nowNs < _retryNs)
        {
            return _rig is not null;
        }

        try
        {
            _rig = new DriveRig(kind, config, parts);
        }
        catch (IOException refused)
        {
            Lose(refused.Message, nowNs);
            return false;
        }

        (_fault, _lookNs) = (null, nowNs);
        return true;
    }

    /// <summary>Why the chip is no longer what it was made to be; null where it is.</summary>
    private string? Look(long nowNs)
    {
        if (config.Chip is not { } chip || nowNs - _lookNs < LookNs)
        {
            return null;
        }

        _lookNs = nowNs;
        try
        {
            return _rig!.IsAwake() ? null : $"{chip}: it was reset, which a dip of its supply does, and is set up anew";
        }
        catch (Exception failed) when (PartThread.IsPartsOwn(failed))
        {
            return DriveRig.Explain(config, null, parts, failed);
        }
    }

    private void Lose(string reason, long nowNs)
    {
        Close();
        _retryNs = nowNs + RetryNs;
        _fault = $"{reason}; steps are lost until it answers, and what moved keeps its last pulse, if it has power";
    }

    private void Close()
    {
        _rig?.Dispose();
        _rig = null;
    }
}
