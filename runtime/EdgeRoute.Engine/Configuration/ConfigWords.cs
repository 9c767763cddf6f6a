namespace EdgeRoute.Engine.Configuration;

/// <summary>The words a config uses for the values of its choices.</summary>
internal static class ConfigWords
{
    /// <summary>Written where a value is left out on purpose.</summary>
    public const string None = "none";

    public static readonly (string, TakeKind)[] Takes = [("newest", TakeKind.Newest), ("every", TakeKind.Every)];
    public static readonly (string, PaceKind)[] Paces = [("source", PaceKind.Source), ("free", PaceKind.Free)];
    public static readonly (string, PolicyKind)[] Policies = [("fixed", PolicyKind.Fixed), ("cascade", PolicyKind.Cascade)];
    public static readonly (string, RecordedFrames)[] Frames =
        [("raw", RecordedFrames.Raw), ("jpeg", RecordedFrames.Jpeg), ("none", RecordedFrames.None)];
}
