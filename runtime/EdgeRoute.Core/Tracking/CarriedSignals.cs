namespace EdgeRoute.Core.Tracking;

/// <summary>
/// What is known, before any stage runs, of the answer that reuse would publish now.
/// </summary>
/// <param name="Count">Boxes that would be carried; not negative.</param>
/// <param name="Doubt">Share of them whose confidence lies near the detection threshold or that the last answer did not show, in [0, 1]; 0 when none is carried.</param>
/// <param name="Shift">Largest distance that a carried box's centre is predicted to have moved since the last answer, as a fraction of the box's diagonal (both in frame
/// fractions); 0 when none is carried, not negative. A square box left where it was overlaps the moved one by one half at 0.18 (moved diagonally) to 0.24 (along a side).</param>
/// <param name="ExpectedAgreement">Agreement that the carried answer would have with a new one, in [0, 1], going by how boxes were lost and appeared at
/// this source in the last minute and by the age of the last answer. 0 without an answer.</param>
public readonly record struct CarriedSignals(int Count, float Doubt, float Shift, float ExpectedAgreement);
