namespace EdgeRoute.Workbench.Importing;

/// <summary>
/// Pictures that a model is run on at import, as brightness from 0 to 1. They have nothing in common, so that what all of them leave as it
/// is does not depend on the picture.
/// </summary>
internal static class TrialPictures
{
    /// <summary>A mean grey: shows what the outputs look like where there is nothing.</summary>
    public static readonly float[] Grey = [0.45f];

    /// <summary>Contrast everywhere: as many brightnesses as do not divide the sides of a picture, over and over.</summary>
    public static readonly float[] Stripes = [0.1f, 0.8f, 0.3f, 0.95f, 0.5f, 0.2f, 0.65f];

    /// <summary>Fields along a side: as large as what a detector looks for.</summary>
    private const int FieldsAcross = 7;

    /// <summary>Fields of many colours with grain on them, for the whole tensor in the order of its layout.</summary>
    public static float[] Fields(ImageInput input)
    {
        var (width, height, channels) = (input.Width, input.Height, input.ChannelCount);
        float[] values = new float[width * height * channels];
        for (int i = 0; i < values.Length; i++)
        {
            int channel = input.IsNchw ? i / (width * height) : i % channels, place = input.IsNchw ? i % (width * height) : i / channels;
            int field = (place / width * FieldsAcross / height * FieldsAcross) + (place % width * FieldsAcross / width);
            values[i] = (0.8f * Mixed((field * 3) + channel)) + (0.2f * Mixed(place + 1000));
        }

        return values;
    }

    /// <summary>A number from 0 to 1 that looks drawn and is the same on every machine.</summary>
    private static float Mixed(int seed)
    {
        uint mixed = (uint)seed * 2654435761u;
        mixed = (mixed ^ (mixed >> 15)) * 2246822519u;
        return (mixed ^ (mixed >> 13)) / (float)uint.MaxValue;
    }
}
