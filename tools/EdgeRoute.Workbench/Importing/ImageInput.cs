using System.Globalization;
using System.Text.RegularExpressions;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>The graph input that takes the picture, and those that take its size and a mask of its pixels, where there are any.</summary>
/// <param name="Index">Among the model's inputs.</param>
/// <param name="SizeTensor">Takes width and height of the input as two int64; null where there is none.</param>
internal sealed partial record ImageInput(int Index, string Tensor, bool IsNchw, string Element, int ChannelCount, int Width, int Height,
    string? SizeTensor)
{
    /// <summary>What detectors are exported at more often than at anything else.</summary>
    private const int UsualSide = 640;

    /// <summary>What readers of text lines are exported at; their inputs are no higher than the second.</summary>
    private const int UsualLineWidth = 320, LineHeightMost = 64;

    /// <summary>Says which pixels are picture; null where there is none.</summary>
    public TensorFacts? Mask { get; private init; }

    public long[] MaskShape => [1, Mask!.Shape[1] > 0 ? Mask.Shape[1] : Height, Mask.Shape[2] > 0 ? Mask.Shape[2] : Width];

    public long[] Shape => IsNchw ? [1, ChannelCount, Height, Width] : [1, Height, Width, ChannelCount];

    /// <summary>Finds both.</summary>
    /// <param name="size">What the user says of the size.</param>
    /// <param name="guesses">Gets what is not known for certain.</param>
    /// <exception cref="InvalidDataException">The model takes no single picture, or something beside it.</exception>
    public static ImageInput Find(ModelProbe model, (int Width, int Height)? size, List<ImportGuess> guesses)
    {
        int index = IndexOfPicture(model);
        string all = string.Join(", ", model.Inputs.Select(i => $"'{i.Name}' {i.Element}{i.ShapeText}"));
        var input = model.Inputs[index];
        var sizes = model.Inputs.FirstOrDefault(i => i.Element == "int64" && i.Shape is [1 or -1, 2]);
        var mask = model.Inputs.FirstOrDefault(IsMask);
        if (model.Inputs.FirstOrDefault(i => i != input && i != sizes && i != mask) is { } more)
        {
            throw new InvalidDataException($"the model takes {all}; nothing here can fill '{more.Name}' beside the picture"
                + (IsPicture(more) ? ", because a stage sees one picture" : "") + "; export it without that input");
        }

        CheckSides(model, input);
        if (input.Shape[0] > 1)
        {
            throw new InvalidDataException($"input '{input.Name}' takes {input.Shape[0]} pictures at once; export the model for one "
                + "(batch 1)");
        }

        bool isNchw = ChannelAxis(input) == 1;
        long height = input.Shape[isNchw ? 2 : 1], width = input.Shape[isNchw ? 3 : 2];
        bool isLine = width < 1 && height is > 0 and <= LineHeightMost;
        var usual = isLine ? (Width: UsualLineWidth, Height: (int)height) : (Width: UsualSide, Height: UsualSide);
        var open = width > 0 && height > 0 ? (Width: (int)width, Height: (int)height) : Open(model, size, usual, guesses);
        CheckSize(input, width, height, size);
        return new ImageInput(index, input.Name, isNchw, input.Element, Channels(input, guesses),
            width > 0 ? (int)width : open.Width, height > 0 ? (int)height : open.Height, sizes?.Name) { Mask = mask };
    }

    private static bool IsMask(TensorFacts input) => input.Element is "int64" or "bool" or "float32" && input.Shape is [1 or -1, _, _]
        && input.Name.Contains("mask", StringComparison.OrdinalIgnoreCase);

    /// <summary>By the file's own numbers: the library cuts large ones off.</summary>
    private static void CheckSides(ModelProbe model, TensorFacts input)
    {
        var sides = model.Header.Inputs.FirstOrDefault(i => i.Name == input.Name)?.Shape ?? input.Shape;
        if (sides.Any(s => s is 0 or > FrameLayout.SideLimit))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"input '{input.Name}' is declared as "
                + $"[{string.Join(",", sides)}]; sides of pictures are from 1 to {FrameLayout.SideLimit} pixels: export the model with "
                + $"the size that it is to run at, or with one that is left open"));
        }
    }

    private static void CheckSize(TensorFacts input, long width, long height, (int Width, int Height)? size)
    {
        if (size is { } wished && ((width > 0 && width != wished.Width) || (height > 0 && height != wished.Height)))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"--size is {wished.Width}x{wished.Height}, but input '{input.Name}' has the size {input.ShapeText}; leave --size out"));
        }
    }

    /// <summary>Of a model that leaves its size open: what the user says, what the exporter wrote, or what is usual.</summary>
    private static (int Width, int Height) Open(ModelProbe model, (int Width, int Height)? size, (int Width, int Height) usual,
        List<ImportGuess> guesses)
    {
        if (size is { } wished)
        {
            return wished;
        }

        if (Written(model) is { } written)
        {
            return written;
        }

        string unlike = model.Custom.TryGetValue("imgsz", out string? text) ? $"; its metadata 'imgsz' is '{text}', which is none" : "";
        guesses.Add(new ImportGuess($"size of the input, which the model leaves open{unlike}", string.Create(CultureInfo.InvariantCulture,
            $"{usual.Width}x{usual.Height}"), "--size WIDTHxHEIGHT"));
        return usual;
    }

    /// <summary>The size in the exporter's metadata; null where there is none that an input can have.</summary>
    public static (int Width, int Height)? Written(ModelProbe model)
    {
        int[] sides = [.. Numbers().Matches(model.Custom.GetValueOrDefault("imgsz", "")).Select(m =>
            int.TryParse(m.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int side) ? side : 0)];
        return sides.Length is 1 or 2 && Array.TrueForAll(sides, s => s is > 0 and <= FrameLayout.SideLimit) ? (sides[^1], sides[0]) : null;
    }

    /// <exception cref="InvalidDataException">No input takes one.</exception>
    private static int IndexOfPicture(ModelProbe model)
    {
        var inputs = model.Inputs.ToList();
        int index = inputs.FindIndex(i => IsPicture(i) && i.Shape[ChannelAxis(i)] > 0);
        index = index < 0 ? inputs.FindIndex(IsPicture) : index;
        if (index >= 0)
        {
            return index;
        }

        if (inputs.Find(i => ChannelAxis(i) > 0) is { } other)
        {
            throw new InvalidDataException($"input '{other.Name}' has the shape of a picture, but takes {other.Element}; frames are "
                + "made into float32, float16 or uint8: export the model with such an input (of a quantised model, keep the inputs in "
                + "float)");
        }

        if (inputs.Find(i => i.Shape.Count == 0) is { } shapeless)
        {
            throw new InvalidDataException($"input '{shapeless.Name}' does not tell its shape; export the model with one, such as "
                + "[1, 3, height, width]");
        }

        string taken = inputs.Count == 0 ? "nothing" : string.Join(", ", inputs.Select(i => $"'{i.Name}' {i.Element}{i.ShapeText}"));
        throw new InvalidDataException($"the model takes {taken}; none of these is a picture: float32, float16 or uint8, [1, channels, "
            + "height, width] or [1, height, width, channels], with 1 or 3 channels");
    }

    private static bool IsPicture(TensorFacts input) => input.Element is "float32" or "float16" or "uint8" && ChannelAxis(input) > 0;

    /// <summary>Where the channels stand: 1 or 3 of them, or where their number is left open; 0 where this is no picture.</summary>
    private static int ChannelAxis(TensorFacts input)
    {
        if (input.Shape.Count != 4)
        {
            return 0;
        }

        int declared = Array.Find([1, 3], axis => input.Shape[axis] is 1 or 3);
        return declared > 0 ? declared : Array.Find([1, 3], axis => input.Shape[axis] < 1);
    }

    private static int Channels(TensorFacts input, List<ImportGuess> guesses)
    {
        long channels = input.Shape[ChannelAxis(input)];
        if (channels < 1)
        {
            guesses.Add(new ImportGuess("number of channels, which the model leaves open", "3",
                "stages[0].input.channels in manifest.json"));
        }

        return channels < 1 ? 3 : (int)channels;
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
