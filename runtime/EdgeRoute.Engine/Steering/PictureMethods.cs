using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Engine.Outputs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>Pictures for screens, one a request: who shows them asks for the next when one has come.</summary>
internal sealed class PictureMethods : IDisposable
{
    /// <summary>The slowest camera worth waiting for gives a frame every few seconds.</summary>
    private static readonly TimeSpan FrameWait = TimeSpan.FromSeconds(10);

    private readonly RunningEngine _engine;
    private readonly PictureTap _tap;

    public PictureMethods(RunningEngine engine)
    {
        (_engine, _tap) = (engine, new PictureTap(engine.State.MakeAnswerRoom, engine.Clock));
        engine.Consumers.Add(_tap);
        engine.State.PackChanged += _tap.Renew;
    }

    public void AddTo(MethodTable table) =>
        table.Add<PictureRequest>(ControlMethod.Picture, ControlRole.Viewer,
            async (request, _, cancel) => await Take(request, cancel).ConfigureAwait(false));

    public void Dispose()
    {
        _engine.State.PackChanged -= _tap.Renew;
        _tap.Dispose();
    }

    private async Task<IControlMessage> Take(PictureRequest request, CancellationToken cancel)
    {
        if (request.Width is < PictureRequest.WidthLeast or > PictureRequest.WidthMost)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"'picture': the width is {request.Width} pixels; pictures are "
                + $"{PictureRequest.WidthLeast} to {PictureRequest.WidthMost} pixels wide at most", "'snapshot' gives a frame whole");
        }

        var plan = new ChangePlanner(_engine).Find(request.Stream).Setup;
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        waited.CancelAfter(FrameWait);
        try
        {
            return await _tap.Next(plan.Index, request.Width, waited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"stream {plan.Source.Name} gave no frame within "
                + $"{FrameWait.TotalSeconds} s", "look at its source: 'edgeroute streams', 'edgeroute events'");
        }
        catch (Exception refused) when (refused is DllNotFoundException or InvalidDataException or OutOfMemoryException
            or ObjectDisposedException)
        {
            throw new RpcRefusedException(RpcErrorCode.Unavailable, refused.Message);
        }
    }
}
