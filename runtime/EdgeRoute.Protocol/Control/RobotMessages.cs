namespace EdgeRoute.Protocol.Control;

/// <summary>What a robot knows of itself, or what it is to do, or both.</summary>
public sealed class StatePutRequest : IControlMessage
{
    public string Stream = "";

    /// <summary>In the pack's own order and units, finite; empty where only the instruction is put.</summary>
    public float[] Values = [];

    /// <summary>When it was measured, in nanoseconds since 1970; null: when the request arrives.</summary>
    public long? UtcNs;

    /// <summary>The task in words from now on; empty takes it away, null leaves it as it is.</summary>
    public string? Instruction;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Numbers("values", ref Values);
        fields.OptionalInteger("utc_ns", ref UtcNs);
        fields.OptionalText("instruction", ref Instruction);
    }
}

/// <summary>What became of a state that was put.</summary>
public sealed class StatePutReply : IControlMessage
{
    /// <summary>False: one that was measured later was here already.</summary>
    public bool IsUsed;

    /// <summary>By the device's clock, when it arrived; a figure that grows or is odd shows clocks that differ.</summary>
    public double AgeMs;

    public void Visit(IFieldVisitor fields)
    {
        fields.Boolean("used", ref IsUsed);
        fields.Number("age_ms", ref AgeMs);
    }
}

/// <summary>How the robot's state stands that is put over the channel or comes from a broker.</summary>
public sealed class StateStatus : IControlMessage
{
    /// <summary>Since it was measured, in milliseconds; not a number where none was put.</summary>
    public double AgeMs = double.NaN;

    public double MaxAgeMs;

    /// <summary>States put since start, and those of them that came after a later one and were not used.</summary>
    public long PutCount, OlderCount;

    /// <summary>The task in words that was put; null for none.</summary>
    public string? Instruction;

    /// <summary>Messages from a broker that were no state or no task, and were not used.</summary>
    public long RefusedCount;

    /// <summary>What was wrong with the last of them; null where a state has come since.</summary>
    public string? Fault;

    public void Visit(IFieldVisitor fields)
    {
        fields.Number("age_ms", ref AgeMs);
        fields.Number("max_age_ms", ref MaxAgeMs);
        fields.Long("put", ref PutCount);
        fields.Long("older", ref OlderCount);
        fields.OptionalText("instruction", ref Instruction);
        fields.Long("refused", ref RefusedCount);
        fields.OptionalText("fault", ref Fault);
    }
}

/// <summary>A policy's plans and actions, since start.</summary>
public sealed class PlanStatus : IControlMessage
{
    /// <summary>Actions: one for each frame that ended, holds included.</summary>
    public long ActionCount;

    public long PlanCount, HoldCount, UntoldCount;

    /// <summary>Plans that gave way, by reason.</summary>
    public long SpentCount, UnsureCount, StateChangedCount, InstructionChangedCount, ChosenCount;

    /// <summary>Of the pack's language network, over all streams that use it: instructions found again, and runs.</summary>
    public long InstructionHitCount, InstructionRunCount;

    public void Visit(IFieldVisitor fields)
    {
        fields.Long("actions", ref ActionCount);
        fields.Long("plans", ref PlanCount);
        fields.Long("holds", ref HoldCount);
        fields.Long("untold", ref UntoldCount);
        fields.Long("spent", ref SpentCount);
        fields.Long("unsure", ref UnsureCount);
        fields.Long("state_changed", ref StateChangedCount);
        fields.Long("instruction_changed", ref InstructionChangedCount);
        fields.Long("chosen", ref ChosenCount);
        fields.Long("instruction_hits", ref InstructionHitCount);
        fields.Long("instruction_runs", ref InstructionRunCount);
    }
}

/// <summary>How the plans of a policy are carried out.</summary>
public sealed class ActionStatus : IControlMessage
{
    /// <summary>As the config has it: <c>channel</c>, <c>log</c>, <c>servo</c>.</summary>
    public string Actuator = "";

    public double Hz;

    /// <summary>A new plan is mixed into the one before.</summary>
    public bool Blends;

    /// <summary>Since start: steps given out, and times that the actuator was told to hold instead.</summary>
    public long GivenCount, HeldCount;

    /// <summary>
    /// Plans taken up, those of them that were mixed into the one before, and those that came when all their steps had passed.
    /// </summary>
    public long PlanCount, BlendedCount, OutrunCount;

    /// <summary>Steps that were skipped because their time had passed when their plan came.</summary>
    public long SkippedCount;

    /// <summary>Steps that were due and not given, because the thread came too late.</summary>
    public long MissedCount;

    /// <summary>Actions that the actuator did not take or could not send on.</summary>
    public long LostCount;

    /// <summary>From the frame that the plan was made from to now, in milliseconds; not a number while there is none.</summary>
    public double AgeMs = double.NaN;

    /// <summary>Why the actuator is told to hold; null while it is not.</summary>
    public string? Hold;

    /// <summary>What is wrong with the actuator; null for nothing.</summary>
    public string? Fault;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("actuator", ref Actuator);
        fields.Number("hz", ref Hz);
        fields.Boolean("blends", ref Blends);
        fields.Long("given", ref GivenCount);
        fields.Long("held", ref HeldCount);
        fields.Long("plans", ref PlanCount);
        fields.Long("blended", ref BlendedCount);
        fields.Long("outrun", ref OutrunCount);
        fields.Long("skipped", ref SkippedCount);
        fields.Long("missed", ref MissedCount);
        fields.Long("lost", ref LostCount);
        fields.Number("age_ms", ref AgeMs);
        fields.OptionalText("hold", ref Hold);
        fields.OptionalText("fault", ref Fault);
    }
}

/// <summary>One action as it is sent to a subscriber, at the moment at which it is due.</summary>
public sealed class ActionMessage : IControlMessage
{
    public int Subscription;

    /// <summary>1-based; a gap means that messages were lost.</summary>
    public long Number;

    /// <summary>Actions that did not reach this subscriber, because it or the link was too slow.</summary>
    public long LostCount;

    public string Source = "";

    /// <summary>When it is due: of the device's monotonic clock, and in nanoseconds since 1970.</summary>
    public long AtNs, AtUtcNs;

    /// <summary>One for each dimension of the policy, in the pack's own units; zeros for a hold, none before the first plan.</summary>
    public float[] Values = [];

    /// <summary>There is nothing to follow: the robot is to stay where it is, whatever the values are.</summary>
    public bool IsHold;

    /// <summary>Why it is to hold; null where it is not.</summary>
    public string? Reason;

    /// <summary>The frame that the plan was made from, and its path; null for a hold.</summary>
    public long? PlanSequence;

    public string? PlanPath;

    /// <summary>Step of the plan, 0-based.</summary>
    public int Step;

    /// <summary>From the capture of that frame to now; null for a hold.</summary>
    public double? AgeMs;

    /// <summary>Part of the plan before in the values, 0 to 1.</summary>
    public double Blend;

    public void Visit(IFieldVisitor fields)
    {
        fields.Integer("subscription", ref Subscription);
        fields.Long("number", ref Number);
        fields.Long("lost", ref LostCount);
        fields.Text("source", ref Source);
        fields.Long("at_ns", ref AtNs);
        fields.Long("at_utc_ns", ref AtUtcNs);
        fields.Numbers("values", ref Values);
        fields.Boolean("hold", ref IsHold);
        fields.OptionalText("reason", ref Reason);
        fields.OptionalInteger("plan_sequence", ref PlanSequence);
        fields.OptionalText("plan_path", ref PlanPath);
        fields.Integer("step", ref Step);
        fields.OptionalNumber("age_ms", ref AgeMs);
        fields.Number("blend", ref Blend);
    }
}
