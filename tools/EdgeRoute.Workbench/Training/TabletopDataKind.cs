namespace EdgeRoute.Workbench.Training;

/// <summary>Which training data of the tabletop worlds.</summary>
public enum TabletopDataKind
{
    /// <summary>Frames and boxes, see <see cref="TabletopDataWriter"/>.</summary>
    Shapes,

    /// <summary>Frames of the robot arm, see <see cref="PickPlaceDataWriter.WriteFrames"/>.</summary>
    PickPlace,

    /// <summary>The expert's plans, see <see cref="PickPlaceDataWriter.WritePlans"/>.</summary>
    Plans,
}
