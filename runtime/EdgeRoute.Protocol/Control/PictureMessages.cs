namespace EdgeRoute.Protocol.Control;

/// <summary>Asks for the next frame of a stream as a picture for a screen.</summary>
public sealed class PictureRequest : IControlMessage
{
    /// <summary>What may be asked for: below it nothing is seen, above it a snapshot tells more.</summary>
    public const int WidthLeast = 64, WidthMost = 1920;

    /// <summary>May be left out where there is one stream.</summary>
    public string Stream = "";

    /// <summary>Pixels; a wider frame is made smaller, a narrower one stays as it is.</summary>
    public int Width = 640;

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Integer("width", ref Width);
    }
}

/// <summary>One frame with what was told of it.</summary>
public sealed class PictureReply : IControlMessage
{
    public string Stream = "";

    public long Sequence;

    public byte[] Jpeg = [];

    /// <summary>Of the same frame; its subscription, number and losses are 0.</summary>
    public AnswerMessage Answer = new();

    public void Visit(IFieldVisitor fields)
    {
        fields.Text("stream", ref Stream);
        fields.Long("sequence", ref Sequence);
        fields.Bytes("jpeg", ref Jpeg);
        fields.Message("answer", ref Answer);
    }
}
