namespace EdgeRoute.Cli.Top;

/// <summary>What the keys and the picture mean.</summary>
internal static class TopHelp
{
    public static IReadOnlyList<string> Lines { get; } =
    [
        "",
        "tab up down     choose a stream",
        "+ -  left right move the price of device time: + is more frugal; 0 free, x takes the dial away",
        "b               edit a budget (tab: the next one; 'none' takes it away)",
        "f p l           quality floor, policy, safety lock",
        "t               in the price dial, policy or lock: send as a trial of 60 s; while typing: Ctrl-T",
        "                a trial is rolled back where p99 gets a quarter worse or a frame fails",
        "k c             keep or cancel the trial that runs",
        "Enter Esc       send, or drop; nothing is sent before Enter",
        "r s             start or stop a recording on the device; save a snapshot here",
        "q               quit; changes and trials go on",
        "",
        "The picture shows the last seconds: each column is 0.4 s, filled with the paths its",
        "frames took, light below and heavy above. Under it F marks failed, L late, d dropped",
        "frames. Bars end at the limit's mark; a preview is what the calibration predicts.",
        "",
        "any key goes back",
    ];
}
