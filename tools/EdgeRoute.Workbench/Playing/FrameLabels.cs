using System.Globalization;
using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Documents;
using EdgeRoute.Engine.Drawing;

namespace EdgeRoute.Workbench.Playing;

/// <summary>
/// Labels of pictures, joined to frames by the order of their names, which is the order in which a folder of pictures is read.
/// Boxes: a folder of text files named like the pictures, a line <c>class centre-x centre-y width height</c> (fractions of the sides) for
/// each box, as YOLO tools write them. Classes: a text file with a line <c>picture-name class-index</c> for each picture, or the word
/// <c>names</c>: the number that the picture's own name starts with.
/// </summary>
public sealed class FrameLabels
{
    /// <summary>Takes the class from the digits a picture's name starts with.</summary>
    public const string FromNames = "names";

    /// <summary>A line for each picture of a million, 64 bytes long.</summary>
    private const int LimitBytes = 64 << 20;

    private readonly Detection[]?[] _boxes;
    private readonly int[] _classes;

    private FrameLabels(Detection[]?[] boxes, int[] classes) => (_boxes, _classes) = (boxes, classes);

    /// <summary>Pictures that have a label.</summary>
    public int Count => _boxes.Count(b => b is not null) + _classes.Count(c => c >= 0);

    /// <exception cref="InvalidDataException">Something in the labels cannot be read, or nothing fits the pictures; the message says what
    /// and where.</exception>
    public static FrameLabels Read(string labels, string picturesFolder)
    {
        string[] pictures = Directory.Exists(picturesFolder)
            ? [.. Directory.EnumerateFiles(picturesFolder).Where(PictureNames.IsPicture).Order(StringComparer.Ordinal)]
            : throw new InvalidDataException($"labels need a folder of pictures as source; '{picturesFolder}' is none");
        var read = Directory.Exists(labels)
            ? new FrameLabels([.. pictures.Select(p => ReadBoxes(Path.Combine(labels, Path.GetFileNameWithoutExtension(p) + ".txt")))], [])
            : new FrameLabels([], labels == FromNames ? [.. pictures.Select(ClassInName)] : ReadClasses(labels, pictures));
        return read.Count > 0 ? read : throw new InvalidDataException($"no picture of '{picturesFolder}' has a label in '{labels}'");
    }

    public bool Has(long sequence) => (sequence < _boxes.Length && _boxes[sequence] is not null)
        || (sequence < _classes.Length && _classes[sequence] >= 0);

    /// <summary>Quality of an answer to a frame; a frame without label counts 0, so leave such frames out.</summary>
    public float QualityOf(long sequence, Answer answer, AnswerAgreement agreement)
    {
        if (sequence < _boxes.Length && _boxes[sequence] is { } boxes)
        {
            return agreement.OfTruth(answer, boxes);
        }

        return sequence < _classes.Length ? agreement.OfTruth(answer, _classes[sequence]) : 0;
    }

    private static Detection[]? ReadBoxes(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        return [.. LinesOf(path).Select((line, i) => (line, i)).Where(l => l.line.Trim().Length > 0)
            .Select(l => BoxOf(l.line, $"{path}:{l.i + 1}"))];
    }

    /// <exception cref="InvalidDataException">It is not a file of text.</exception>
    private static string[] LinesOf(string path)
    {
        try
        {
            return DocumentFile.ReadText(path, LimitBytes).ReplaceLineEndings("\n").Split('\n');
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"the labels '{path}' cannot be read: {refused.Message}", refused);
        }
    }

    private static Detection BoxOf(string line, string place)
    {
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var numbers = new float[4];
        bool isBox = words.Length >= 5 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        for (int i = 0; i < 4 && isBox; i++)
        {
            isBox = float.TryParse(words[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                && numbers[i] is >= 0 and <= 1;
        }

        return isBox
            ? new Detection(numbers[0] - (numbers[2] / 2), numbers[1] - (numbers[3] / 2), numbers[2], numbers[3], 1,
                int.Parse(words[0], CultureInfo.InvariantCulture))
            : throw new InvalidDataException($"{place}: '{line}' is not a box; write: class centre-x centre-y width height, each of the "
                + "last four in 0 to 1");
    }

    private static int ClassInName(string picture)
    {
        string name = Path.GetFileName(picture);
        int length = name.TakeWhile(char.IsAsciiDigit).Count();
        return length is > 0 and < 9 ? int.Parse(name[..length], CultureInfo.InvariantCulture) : -1;
    }

    private static int[] ReadClasses(string path, string[] pictures)
    {
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"'{path}' is neither a folder of box labels, nor a file of classes, nor the word "
                + $"'{FromNames}'");
        }

        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (line, i) in LinesOf(path).Select((line, i) => (line, i)).Where(l => l.line.Trim().Length > 0))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                throw new InvalidDataException($"{path}:{i + 1}: '{line}' is not a label; write: picture-name class-index");
            }

            byName[words[0]] = index;
        }

        return [.. pictures.Select(p => byName.GetValueOrDefault(Path.GetFileName(p), -1))];
    }
}
