using EdgeRoute.Simulation.Tabletop;

namespace EdgeRoute.Simulation.PickPlace;

/// <summary>What the robot is told, in words: <c>put the red star on the blue pad</c>.</summary>
internal static class PickPlaceInstruction
{
    private static readonly string[] Verbs = ["put", "move", "place"];
    private static readonly string[] Prepositions = ["on", "onto"];

    /// <summary>Every word that an instruction may hold; a pack's vocabulary has them all.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. Verbs, "the", .. Prepositions, "pad",
        .. Enumerable.Range(0, TabletopPalette.ColorCount).Select(TabletopPalette.ColorOf),
        .. Enumerable.Range(0, ShapeKinds.TargetCount).Select(i => TabletopPalette.ShapeOf((ShapeKind)i)),
    ];

    internal static string TextOf(in TabletopObject thing, in TabletopObject pad, ref SeededRandom random)
    {
        string verb = Verbs[random.NextIndex(Verbs.Length)], preposition = Prepositions[random.NextIndex(Prepositions.Length)];
        return $"{verb} the {TabletopPalette.ColorOf(thing.ColorIndex)} {TabletopPalette.ShapeOf(thing.Shape)} {preposition} the "
            + $"{TabletopPalette.ColorOf(pad.ColorIndex)} pad";
    }
}
