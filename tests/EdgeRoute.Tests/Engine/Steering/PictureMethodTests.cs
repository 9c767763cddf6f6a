using EdgeRoute.Interop.TurboJpeg;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Tests.Engine.Steering;

public sealed class PictureMethodTests
{
    [SkippableFact]
    public async Task Pictures_have_the_width_asked_for_and_what_was_told_of_their_frame()
    {
        using var rig = new SteeringRig("kind: cascade");
        var asked = new[] { 64, 80, 640 }.Select(w => rig.Call<PictureReply>(ControlMethod.Picture, new PictureRequest { Width = w }));
        var pictures = await Task.WhenAll(asked);
        // The frames are 160 pixels wide; whole steps make 53 and 80 of them.
        Assert.Equal([(53, 40), (80, 60), (160, 120)], pictures.Select(p => SizeOf(p.Jpeg)));
        Assert.All(pictures, p => Assert.Equal(("table", "table", p.Sequence), (p.Stream, p.Answer.Source, p.Answer.Sequence)));
        Assert.All(pictures, p => Assert.NotEmpty(p.Answer.Path));
        var next = await rig.Call<PictureReply>(ControlMethod.Picture, new PictureRequest { Stream = "table" });
        Assert.True(next.Sequence > pictures.Min(p => p.Sequence));
    }

    [SkippableTheory]
    [InlineData("table", 63, RpcErrorCode.BadRequest)]
    [InlineData("table", 1921, RpcErrorCode.BadRequest)]
    [InlineData("tabel", 640, RpcErrorCode.NotFound)]
    public async Task What_cannot_be_shown_is_refused(string stream, int width, string code)
    {
        using var rig = new SteeringRig("kind: cascade");
        var refused = await Assert.ThrowsAsync<RpcRefusedException>(() =>
            rig.Call<PictureReply>(ControlMethod.Picture, new PictureRequest { Stream = stream, Width = width }));
        Assert.Equal(code, refused.Error.Code);
    }

    private static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        using var decoder = JpegDecoder.Create();
        Assert.True(decoder.TryReadHeader(jpeg, out var header), decoder.ErrorText);
        return (header.Width, header.Height);
    }
}
