namespace EdgeRoute.Engine.Preprocess;

/// <summary>Two blended source rows of one sample, as starts in a row cache, and how far the output lies from the upper to the lower.</summary>
public readonly record struct RowPair(float[] Values, int Upper, int Lower, float Fraction);
