using System.Text;
using System.Text.Json;
using EdgeRoute.Core.Frames;
using EdgeRoute.Engine.Outputs;

namespace EdgeRoute.Tests.Engine.Outputs;

public sealed class DetailWriterTests
{
    private const int Width = 40, Height = 30;

    private static Answer One(DetailForm form, params DetailPoint[] points)
    {
        var answer = new Answer(TaskKind.Detection, 2, 0, form) { NodeIndex = 1, DetectionCount = 1 };
        answer.Details.Begin(form, Width, Height);
        points.CopyTo(answer.Details.Points(0));
        return answer;
    }

    private static JsonElement Written(Answer answer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            new DetailWriter(json, new MaskRuns()).Write(answer.Details, 0);
            json.WriteEndObject();
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    [Fact]
    public void Key_points_are_places_with_their_visibility()
    {
        var line = Written(One(new DetailForm(DetailKind.Keypoints, 2), new(0.25f, 0.5f, 0.75f), new(float.NaN, 1, 0)));
        Assert.Equal("[[0.25,0.5,0.75],[null,1,0]]", line.GetProperty("keypoints").GetRawText());
    }

    [Fact]
    public void An_oriented_box_is_its_corners_and_its_angle_on_the_picture()
    {
        // A side of 10 pixels to the right and 10 down.
        var line = Written(One(DetailForm.Corners, new(0.25f, 0.2f, 1), new(0.5f, 0.2f + (10f / Height), 1), new(0.4f, 0.6f, 1),
            new(0.2f, 0.4f, 1)));
        Assert.Equal("[0.25,0.2]", line.GetProperty("corners")[0].GetRawText());
        Assert.Equal(4, line.GetProperty("corners").GetArrayLength());
        Assert.Equal(Math.PI / 4, line.GetProperty("angle").GetDouble(), 1e-4);
    }

    [Fact]
    public void A_detection_without_details_has_no_further_words() =>
        Assert.Equal("{}", Written(One(default)).GetRawText());

    [Theory]
    [InlineData(0.25f, 0.2f, 0.75f, 0.8f)]
    [InlineData(0, 0, 1, 1)]
    [InlineData(-0.5f, 0.5f, 0.5f, 1.5f)]
    [InlineData(0.5f, 0.5f, 0.505f, 0.505f)]
    public void A_mask_is_COCOs_run_lengths_of_the_whole_frame(float left, float top, float right, float bottom)
    {
        var answer = One(DetailForm.Mask, new(left, top, 1), new(right, bottom, 1));
        var random = new Random(4);
        var mask = answer.Details.Mask(0);
        for (int cell = 0; cell < DetectionDetails.MaskSide * DetectionDetails.MaskSide; cell++)
        {
            mask[cell >> 6] |= random.Next(3) > 0 ? 1UL << (cell & 63) : 0;
        }

        var written = Written(answer).GetProperty("mask");
        Assert.Equal("[30,40]", written.GetProperty("size").GetRawText());
        bool[] pixels = Decode(written.GetProperty("counts").GetString()!);
        Assert.Equal(Width * Height, pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
        {
            double x = ((i / Height) + 0.5) / Width, y = ((i % Height) + 0.5) / Height;
            double column = Math.Floor((x - left) / ((double)right - left) * DetectionDetails.MaskSide);
            double row = Math.Floor((y - top) / ((double)bottom - top) * DetectionDetails.MaskSide);
            bool isIn = column is >= 0 and < DetectionDetails.MaskSide && row is >= 0 and < DetectionDetails.MaskSide;
            Assert.Equal(isIn && DetectionDetails.IsSet(answer.Details.Mask(0), (int)column, (int)row), pixels[i]);
        }
    }

    /// <summary>
    /// The text as COCO's mask API describes it: six bits a character from '0', the lowest five bits of a number first, a sixth where more
    /// follow, signed; from the fourth run on differences from the last run but one. Runs go down the columns, off and on in turn.
    /// </summary>
    private static bool[] Decode(string text)
    {
        var runs = new List<long>();
        long number = 0;
        int shift = 0;
        foreach (byte character in Encoding.ASCII.GetBytes(text))
        {
            int bits = character - 48;
            number |= (long)(bits & 31) << shift;
            shift += 5;
            if (bits < 32)
            {
                number -= (bits & 16) != 0 ? 1L << shift : 0;
                runs.Add(runs.Count > 2 ? number + runs[^2] : number);
                (number, shift) = (0, 0);
            }
        }

        return [.. runs.SelectMany((run, i) => Enumerable.Repeat(i % 2 == 1, (int)run))];
    }
}
