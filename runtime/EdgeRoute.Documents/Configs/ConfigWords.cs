namespace EdgeRoute.Documents.Configs;

/// <summary>The words a config uses for the values of its choices.</summary>
public static class ConfigWords
{
    /// <summary>Written where a value is left out on purpose.</summary>
    public const string None = "none";

    public static readonly Word<TakeKind>[] Takes = [new("newest", TakeKind.Newest), new("every", TakeKind.Every)];
    public static readonly Word<PaceKind>[] Paces = [new("source", PaceKind.Source), new("free", PaceKind.Free)];
    public static readonly Word<PolicyKind>[] Policies = [new("fixed", PolicyKind.Fixed), new("cascade", PolicyKind.Cascade),
        new("value", PolicyKind.Value)];
    public static readonly Word<RecordedFrames>[] Frames =
        [new("raw", RecordedFrames.Raw), new("jpeg", RecordedFrames.Jpeg), new("none", RecordedFrames.None)];
}
