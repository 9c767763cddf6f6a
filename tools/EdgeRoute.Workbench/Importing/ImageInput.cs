using System.Globalization;
using System.Text.RegularExpressions;
using EdgeRoute.Engine.Probing;

namespace EdgeRoute.Workbench.Importing;

/// <summary>The graph input that takes the picture, and the one that takes its size, where there is one.</summary>
/// <param name="Index">Among the model's inputs.</param>
/// <param name="SizeTensor">Takes width and height of the input as two int64; null where there is none.</param>
internal sealed partial record ImageInput(int Index, string Tensor, bool IsNchw, string Element, int ChannelCount, int Width, int Height,
    string? SizeTensor)
{
    /// <summary>What detectors are exported at more often than at anything else.</summary>
    private const int UsualSide = 640;

    public long[] Shape => IsNchw ? [1, ChannelCount, Height, Width] : [1, Height, Width, ChannelCount];

    /// <summary>Finds both.</summary>
    /// <param name="size">What the user says of the size.</param>
    /// <param name="guesses">Gets what is not known for certain.</param>
    /// <exception cref="InvalidDataException">The model takes no single picture, or something beside it.</exception>
    public static ImageInput Find(ModelProbe model, (int Width, int Height)? size, List<ImportGuess> guesses)
    {
        int index = model.Inputs.ToList().FindIndex(IsPicture);
        string all = string.Join(", ", model.Inputs.Select(i => $"'{i.Name}' {i.Element}{i.ShapeText}"));
        if (index < 0)
        {
            throw new InvalidDataException($"the model takes {all}; none of these is a picture: float32, float16 or uint8, [1, channels, "
                + "height, width] or [1, height, width, channels], with 1 or 3 channels");
        }

        var input = model.Inputs[index];
        var sizes = model.Inputs.FirstOrDefault(i => i.Element == "int64" && i.Shape is [1 or -1, 2]);
        if (model.Inputs.FirstOrDefault(i => i != input && i != sizes) is { } more)
        {
            throw new InvalidDataException($"the model takes {all}; nothing here can fill '{more.Name}' beside the picture"
                + (IsPicture(more) ? ", because a stage sees one picture" : "") + "; export it without that input");
        }

        if (input.Shape[0] > 1)
        {
            throw new InvalidDataException($"input '{input.Name}' takes {input.Shape[0]} pictures at once; export the model for one "
                + "(batch 1)");
        }

        bool isNchw = input.Shape[1] is 1 or 3;
        long height = input.Shape[isNchw ? 2 : 1], width = input.Shape[isNchw ? 3 : 2];
        var open = width > 0 && height > 0 ? (Width: (int)width, Height: (int)height) : Open(model, size, guesses);
        CheckSize(input, width, height, size);
        return new ImageInput(index, input.Name, isNchw, input.Element, (int)input.Shape[isNchw ? 1 : 3],
            width > 0 ? (int)width : open.Width, height > 0 ? (int)height : open.Height, sizes?.Name);
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
    private static (int Width, int Height) Open(ModelProbe model, (int Width, int Height)? size, List<ImportGuess> guesses)
    {
        if (size is { } wished)
        {
            return wished;
        }

        var numbers = Numbers().Matches(model.Custom.GetValueOrDefault("imgsz", "")).Select(m => int.Parse(m.Value,
            CultureInfo.InvariantCulture)).ToList();
        if (numbers.Count is 1 or 2 && numbers.All(n => n is > 0 and <= 16384))
        {
            return (numbers[^1], numbers[0]);
        }

        guesses.Add(new ImportGuess("size of the input, which the model leaves open", $"{UsualSide}x{UsualSide}", "--size WIDTHxHEIGHT"));
        return (UsualSide, UsualSide);
    }

    private static bool IsPicture(TensorFacts input) => input.Element is "float32" or "float16" or "uint8"
        && input.Shape.Count == 4 && (input.Shape[1] is 1 or 3 || input.Shape[3] is 1 or 3);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
