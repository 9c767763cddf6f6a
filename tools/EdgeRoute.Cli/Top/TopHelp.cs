namespace EdgeRoute.Cli.Top;

/// <summary>What the keys and the picture mean.</summary>
internal static class TopHelp
{
    public static IReadOnlyList<string> Lines { get; } =
    [
        "",
        "tab up down     choose a stream",
        "+ -             move the price of device time: + is more frugal",
        "left right      the same in small steps; 0 is free, x takes the dial away",
        "b               set a budget (tab: the next one; 'none' takes it away)",
        "f p l           quality floor, policy, safety lock",
        "t               while setting: send it on trial for 60 s (Ctrl-T while typing);",
        "                it is rolled back where p99 gets a quarter worse, or a frame fails",
        "k c             keep or cancel the trial that runs",
        "Enter Esc       send, or drop; nothing is sent before Enter",
        "r s             start or stop a recording there; save a snapshot here",
        "q               quit; changes and trials go on",
        "",
        "The picture: each column is 0.4 s, filled with the paths its frames took, the",
        "heavier the higher and denser. Beneath it F marks failed, L late, d dropped",
        "frames. A bar's mark is its limit. Previews are the calibration's predictions.",
        "",
        "any key goes back",
    ];
}
