namespace EdgeRoute.Cli.Top;

/// <summary>What a cell says by its colour; the painter knows the colours. Whatever a tone says is also said in words or shapes.</summary>
internal enum Tone : byte
{
    Plain,
    Dim,
    Strong,
    Good,
    Warning,
    Bad,
    Title,
    Chosen,
    Path0,
    Path1,
    Path2,
    Path3,
    Path4,
    Path5,
}
