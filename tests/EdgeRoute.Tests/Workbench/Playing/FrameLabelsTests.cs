using EdgeRoute.Core.Agreement;
using EdgeRoute.Core.Frames;
using EdgeRoute.Workbench.Playing;

namespace EdgeRoute.Tests.Workbench.Playing;

public sealed class FrameLabelsTests : IDisposable
{
    private static readonly AnswerAgreement Agreement = new(new AgreementSettings(10));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Boxes_of_yolo_files_belong_to_the_pictures_in_the_order_of_their_names()
    {
        Pictures("b.jpg", "a.png", "c.jpeg", "notes.txt");
        _folder.Write("boxes/a.txt", "2 0.5 0.5 0.2 0.4\n\n0 0.1 0.1 0.2 0.2\n");
        _folder.Write("boxes/c.txt", "");
        var labels = Read("boxes");
        Assert.Equal(2, labels.Count);
        Assert.Equal(1, labels.QualityOf(0, Boxes(new(0.4f, 0.3f, 0.2f, 0.4f, 0.9f, 2), new(0, 0, 0.2f, 0.2f, 0.9f, 0)), Agreement));
        Assert.Equal(2f / 3, labels.QualityOf(0, Boxes(new Detection(0.4f, 0.3f, 0.2f, 0.4f, 0.9f, 2)), Agreement), 5);
        Assert.Equal(0, labels.QualityOf(0, Boxes(new Detection(0.4f, 0.3f, 0.2f, 0.4f, 0.9f, 1)), Agreement));
        // An empty file says that there is nothing to be seen; no file says nothing.
        Assert.Equal(1, labels.QualityOf(2, Boxes(), Agreement));
        Assert.Equal(0, labels.QualityOf(2, Boxes(new Detection(0, 0, 0.2f, 0.2f, 0.9f, 0)), Agreement));
        Assert.Equal(0, labels.QualityOf(1, Boxes(), Agreement));
        Assert.Equal(0, labels.QualityOf(99, Boxes(), Agreement));
    }

    [Fact]
    public void Columns_behind_the_box_are_left_alone()
    {
        Pictures("a.jpg");
        _folder.Write("boxes/a.txt", "1\t0.5 0.5  1 1 0.93 17");
        Assert.Equal(1, Read("boxes").QualityOf(0, Boxes(new Detection(0, 0, 1, 1, 0.5f, 1)), Agreement));
    }

    [Theory]
    [InlineData("person 0.5 0.5 0.2 0.2")]
    [InlineData("0 0.5 0.5 0.2")]
    [InlineData("0 0.5 0.5 1.2 0.2")]
    [InlineData("0 0.5 -0.5 0.2 0.2")]
    [InlineData("0 0.5 0.5 0.2 NaN")]
    [InlineData("-1 0.5 0.5 0.2 0.2")]
    [InlineData("0 0,5 0,5 0,2 0,2")]
    public void A_line_that_is_no_box_is_refused_with_file_and_line(string line)
    {
        Pictures("a.jpg");
        string path = _folder.Write("boxes/a.txt", "0 0.5 0.5 0.2 0.2\n" + line);
        string message = Assert.Throws<InvalidDataException>(() => Read("boxes")).Message;
        Assert.StartsWith($"{path}:2: '{line}' is not a box", message, StringComparison.Ordinal);
        Assert.Contains("class centre-x centre-y width height", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_of_a_file_belong_to_pictures_by_name()
    {
        Pictures("a.jpg", "b.jpg", "c.jpg");
        _folder.Write("classes.txt", "c.jpg 2\na.jpg   0\n\nabsent.jpg 1\n");
        var labels = Read("classes.txt");
        Assert.Equal(2, labels.Count);
        Assert.Equal((1f, 0f), (labels.QualityOf(0, Class(0), Agreement), labels.QualityOf(0, Class(2), Agreement)));
        Assert.Equal(1, labels.QualityOf(2, Class(2), Agreement));
        Assert.Equal(0, labels.QualityOf(1, Class(0), Agreement));
    }

    [Theory]
    [InlineData("b.jpg")]
    [InlineData("b.jpg one")]
    [InlineData("b.jpg 1 2")]
    [InlineData("b.jpg -1")]
    public void A_line_that_is_no_class_is_refused_with_file_and_line(string line)
    {
        Pictures("a.jpg", "b.jpg");
        string path = _folder.Write("classes.txt", "a.jpg 1\n\n" + line);
        string message = Assert.Throws<InvalidDataException>(() => Read("classes.txt")).Message;
        Assert.StartsWith($"{path}:3: '{line}' is not a label", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_stand_in_the_names_where_asked()
    {
        Pictures("0007_dog.jpg", "1-cat.png", "other.jpg");
        var labels = FrameLabels.Read(FrameLabels.FromNames, _folder.File("pictures"));
        Assert.Equal(2, labels.Count);
        Assert.Equal((1f, 1f), (labels.QualityOf(0, Class(7), Agreement), labels.QualityOf(1, Class(1), Agreement)));
        Assert.Equal(0, labels.QualityOf(2, Class(0), Agreement));
    }

    [Fact]
    public void Labels_that_fit_nothing_are_refused_in_words()
    {
        Pictures("a.jpg");
        _folder.Write("boxes/other.txt", "0 0.5 0.5 0.2 0.2");
        Assert.Contains("no picture", Assert.Throws<InvalidDataException>(() => Read("boxes")).Message, StringComparison.Ordinal);
        var nameless = Assert.Throws<InvalidDataException>(() => FrameLabels.Read(FrameLabels.FromNames, _folder.File("pictures")));
        Assert.Contains("no picture", nameless.Message, StringComparison.Ordinal);
        Assert.Contains("neither a folder", Assert.Throws<InvalidDataException>(() => Read("absent.txt")).Message,
            StringComparison.Ordinal);
        string video = _folder.Write("walk.mp4", "");
        Assert.Contains("need a folder of pictures", Assert.Throws<InvalidDataException>(() => FrameLabels.Read(_folder.File("boxes"),
            video)).Message, StringComparison.Ordinal);
    }

    private void Pictures(params string[] names)
    {
        foreach (string name in names)
        {
            _folder.Write("pictures/" + name, "");
        }
    }

    private FrameLabels Read(string name) => FrameLabels.Read(_folder.File(name), _folder.File("pictures"));

    private static Answer Boxes(params Detection[] detections)
    {
        var answer = new Answer(TaskKind.Detection, detections.Length, 0) { NodeIndex = 1, DetectionCount = detections.Length };
        detections.CopyTo(answer.DetectionSlots);
        return answer;
    }

    private static Answer Class(int index)
    {
        var answer = new Answer(TaskKind.Classification, 0, 10) { NodeIndex = 1, ValueCount = 10 };
        answer.ValueSlots[index] = 1;
        return answer;
    }
}
