namespace EdgeRoute.Workbench.Replaying;

/// <summary>How one frame would have gone.</summary>
/// <param name="NodeIndex">Where the walk ended, or the node at which it left what the recording knows.</param>
/// <param name="IsExpected">It left what the recording knows: the rest is the plan's expectation.</param>
/// <param name="IsOpen">Beyond that, more would have been decided.</param>
/// <param name="Quality">Expected; NaN without a calibration. Where it is open under a cascade: if the cascade stopped there.</param>
/// <param name="Ms">Predicted device time, likewise.</param>
/// <param name="FurtherQuality">Under a cascade, where it is open: if it went on. NaN elsewhere.</param>
/// <param name="FurtherMs">Likewise.</param>
internal readonly record struct WhatIfWalk(int NodeIndex, bool IsExpected, bool IsOpen, double Quality, double Ms, double FurtherQuality, double FurtherMs);
