using EdgeRoute.Core.Prices;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Stages;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// From what a client wants of a stream to the source config that says the same. Finds every problem before anything is prepared.
/// </summary>
internal sealed class SettingReader(SourceConfig before, IReadOnlyDictionary<string, LoadedPack> packs)
{
    private const string FixedPrefix = "fixed:";

    private readonly List<string> _problems = [];

    /// <exception cref="RpcRefusedException">A setting is out of its range or does not fit the others; all of them are named.</exception>
    public static SourceConfig Read(SourceConfig before, SettingSet set, IReadOnlyDictionary<string, LoadedPack> packs)
    {
        var reader = new SettingReader(before, packs);
        var after = reader.Apply(set);
        reader.CheckFit(after, set);
        return reader._problems.Count == 0 ? after
            : throw new RpcRefusedException(RpcErrorCode.BadRequest, $"stream {before.Name}: {string.Join("; ", reader._problems)}");
    }

    private SourceConfig Apply(SettingSet set)
    {
        string pack = Word("pack", set.Pack, before.PackName) ?? before.PackName;
        if (!packs.ContainsKey(pack))
        {
            _problems.Add($"there is no pack '{pack}' loaded; there are {string.Join(", ", packs.Keys)}. Load it with "
                + "'edgeroute pack load'");
        }

        return before with
        {
            PackName = pack,
            Policy = ApplyPolicy(set),
            LockPath = Word("lock", set.Lock, before.LockPath),
            Instruction = Word("instruction", set.Instruction, before.Instruction),
            DeadlineMs = Number("deadline_ms", set.DeadlineMs, before.DeadlineMs, ConfigLimits.DeadlineMs),
            Audit = ApplyAudit(set.AuditShare),
            Spending = before.Spending with
            {
                Budgets = ApplyBudgets(set),
                DeviceMsPerMinute = Number("budget.device_ms_per_minute", set.DeviceMsPerMinute, before.Spending.DeviceMsPerMinute,
                    ConfigLimits.DeviceMsPerMinute),
            },
        };
    }

    private PolicyConfig ApplyPolicy(SettingSet set)
    {
        var policy = before.Policy;
        if (Word("policy", set.Policy, null) is { } word)
        {
            policy = PolicyNamed(word);
            if (policy == before.Policy && NameOf(policy) != word)
            {
                _problems.Add($"the policy '{word}' is not known; write value, cascade or fixed:PATH such as 'fixed:light>heavy'");
            }
        }
        else if (set.Policy.IsNone)
        {
            _problems.Add("a stream cannot be without a policy; write value, cascade or fixed:PATH");
        }

        return policy.Kind != PolicyKind.Value && policy != before.Policy ? policy with { PricePerMs = null, Floor = null } : policy with
        {
            PricePerMs = Number("price", set.Price, policy.PricePerMs, ConfigLimits.PricePerMs),
            Floor = Number("floor", set.Floor, policy.Floor, ConfigLimits.Floor),
        };
    }

    /// <summary>The policy so far where the word names none.</summary>
    private PolicyConfig PolicyNamed(string word)
    {
        if (word.StartsWith(FixedPrefix, StringComparison.Ordinal))
        {
            return new PolicyConfig(PolicyKind.Fixed, word[FixedPrefix.Length..]);
        }

        return ConfigWords.Policies.FirstOrDefault(p => p.Text == word && p.Value != PolicyKind.Fixed) is { } known
            ? before.Policy with { Kind = known.Value, PathName = null } : before.Policy;
    }

    private AuditConfig? ApplyAudit(SettingValue value)
    {
        double? share = Number("audit_share", value, before.Audit?.Share, ConfigLimits.Share);
        if (share is not { } wanted)
        {
            return null;
        }

        if (before.Audit is { } audit)
        {
            return audit with { Share = wanted };
        }

        return new AuditConfig(wanted, null, SpendingReader.DefaultKeepPerHour);
    }

    private List<Budget> ApplyBudgets(SettingSet set)
    {
        var budgets = before.Spending.Budgets.ToList();
        foreach (var (key, kind) in SpendingReader.Kinds)
        {
            var value = ValueOf(set, kind);
            if (!value.IsGiven)
            {
                continue;
            }

            budgets.RemoveAll(b => b.Kind == kind);
            if (Number("budget." + key, value, null, SpendingReader.RangeOf(kind)) is { } target)
            {
                budgets.Add(new Budget(kind, target));
            }
        }

        return budgets;
    }

    private static SettingValue ValueOf(SettingSet set, BudgetKind kind) => kind switch
    {
        BudgetKind.LatencyMsMean => set.LatencyMs,
        BudgetKind.LatencyMsP99 => set.LatencyMsP99,
        BudgetKind.DeviceMsMean => set.DeviceMs,
        BudgetKind.FramesPerSecond => set.FramesPerSecond,
        BudgetKind.HeavyShare => set.HeavyShare,
        BudgetKind.Watts => set.Watts,
        _ => set.EnergyMillijoules,
    };

    /// <summary>Prices mean something to the value policy only; what would be obeyed in words and not in fact is refused.</summary>
    private void CheckFit(SourceConfig after, SettingSet set)
    {
        if (after.Policy.Kind == PolicyKind.Value)
        {
            return;
        }

        bool wantsPrices = new[] { set.Price, set.Floor, set.AuditShare }.Any(s => s.IsGiven && !s.IsNone)
            || after.Spending.Budgets.Count > 0 || after.Spending.DeviceMsPerMinute is not null || after.Audit is not null;
        if (wantsPrices)
        {
            _problems.Add($"the policy '{NameOf(after.Policy)}' knows no prices, budgets, floors or audits; "
                + "set policy to 'value' (the pack needs a calibration), or take them away in the same change");
        }
    }

    private double? Number(string name, SettingValue value, double? now, NumberRange range)
    {
        if (!value.IsGiven || value.IsNone)
        {
            return value.IsGiven ? null : now;
        }

        if (value.Number is { } number && number >= range.Minimum && number <= range.Maximum)
        {
            return number;
        }

        _problems.Add($"'{name}' is {value}; it must be a number from {range}, or none");
        return now;
    }

    private string? Word(string name, SettingValue value, string? now)
    {
        if (value.Number is not null)
        {
            _problems.Add($"'{name}' is {value}; a word is wanted");
        }

        return value.IsGiven && value.Number is null ? value.Text : now;
    }

    /// <summary>A policy as <c>set.policy</c> writes it.</summary>
    public static string NameOf(PolicyConfig policy) => policy.Kind == PolicyKind.Fixed ? FixedPrefix + (policy.PathName ?? "")
        : policy.Kind.ToString().ToLowerInvariant();
}
