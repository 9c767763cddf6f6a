using System.Net;
using System.Security.Cryptography.X509Certificates;
using EdgeRoute.Interop.OnnxRuntime;
using EdgeRoute.Tests.Engine.Remote.Oip;
using EdgeRoute.Tests.Interop.OnnxRuntime;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeRoute.Tests.Engine.Remote;

/// <summary>
/// A server of the Open Inference Protocol over gRPC, of the framework authors' own parts, with real sessions behind it. It misbehaves at
/// will.
/// </summary>
internal sealed class GrpcServer : IDisposable
{
    private const string InferPath = "/inference.GRPCInferenceService/ModelInfer";

    private readonly OipService _service;
    private readonly X509Certificate2? _certificate;
    private WebApplication _app;

    /// <param name="models">By the names that it knows them by, their files.</param>
    /// <param name="certificate">With its key; null for plain HTTP/2.</param>
    public GrpcServer(IReadOnlyDictionary<string, string> models, X509Certificate2? certificate = null)
    {
        (_service, _certificate) = (new OipService(models), certificate);
        _app = Serve();
    }

    public int Port { get; private set; }

    public ServerMood Mood
    {
        get => _service.Mood;
        set => _service.Mood = value;
    }

    /// <summary>It takes connections and says that it is not ready yet.</summary>
    public bool IsLoading
    {
        get => _service.IsLoading;
        set => _service.IsLoading = value;
    }

    public PictureModels Pictures => _service.Pictures;

    /// <summary>Deadlines that came with calls, in milliseconds; 0 before the first.</summary>
    public double DeadlineMs => _service.DeadlineMs;

    public void Kill() => ((IDisposable)_app).Dispose();

    public void Revive() => _app = Serve();

    public void Dispose()
    {
        Mood = ServerMood.Sound;
        Kill();
        _service.Dispose();
    }

    private WebApplication Serve()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_service);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, Port, at =>
        {
            at.Protocols = HttpProtocols.Http2;
            if (_certificate is not null)
            {
                at.UseHttps(_certificate);
            }
        }));
        var app = builder.Build();
        app.Use(Spoil);
        app.MapGrpcService<OipService>();
        app.Start();
        Port = new Uri(app.Urls.Single()).Port;
        return app;
    }

    /// <summary>What a server of gRPC cannot be made to say.</summary>
    private async Task Spoil(HttpContext context, RequestDelegate next)
    {
        byte[]? answer = Mood switch
        {
            ServerMood.Garbage => [0, 0, 0, 0, 4, 0xfe, 0xfe, 0xfe, 0xfe],
            ServerMood.Truncated => [0, 0, 0, 1, 0, 1, 2, 3],
            ServerMood.TooLong => new byte[10_000_000],
            _ => null,
        };
        if (context.Request.Path != InferPath || answer is null)
        {
            await next(context);
            return;
        }

        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(answer);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}

/// <summary>The calls of the protocol.</summary>
internal sealed class OipService : GRPCInferenceService.GRPCInferenceServiceBase, IDisposable
{
    private readonly Dictionary<string, OrtSession> _models;
    private readonly Lock _gate = new();

    public OipService(IReadOnlyDictionary<string, string> models) => _models = models.ToDictionary(m => m.Key,
        m => OrtSession.Open(OrtPlace.Environment, m.Value, new OrtSessionRequest()));

    public volatile ServerMood Mood;

    public volatile bool IsLoading;

    public double DeadlineMs;

    public PictureModels Pictures { get; } = new();

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var session in _models.Values)
            {
                session.Dispose();
            }
        }
    }

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = !IsLoading });

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        var session = Find(request.Name);
        var told = new ModelMetadataResponse { Name = request.Name, Versions = { "1" }, Platform = "onnxruntime_onnx" };
        told.Inputs.AddRange(session.Inputs.Select(i => Pictures.Takes(i) ? new() { Name = i.Name, Datatype = "BYTES", Shape = { -1, 1 } }
            : Told(i)));
        told.Outputs.AddRange(session.Outputs.Select(Told));
        return Task.FromResult(told);
    }

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        DeadlineMs = (context.Deadline - DateTime.UtcNow).TotalMilliseconds;
        while (Mood == ServerMood.Silent)
        {
            await Task.Delay(5, context.CancellationToken);
        }

        switch (Mood)
        {
            case ServerMood.Far:
                await Task.Delay(ConformanceServer.FarMs);
                break;
            case ServerMood.Refusing:
                throw new RpcException(new Status(StatusCode.Internal, "out of memory, 100 %"));
            case ServerMood.HangingUp:
                context.GetHttpContext().Abort();
                break;
            default:
                break;
        }

        return Run(request, Mood);
    }

    private OrtSession Find(string model) => _models.TryGetValue(model, out var session) ? session
        : throw new RpcException(new Status(StatusCode.NotFound, $"no model {model}"));

    private static ModelMetadataResponse.Types.TensorMetadata Told(OrtTensorSpec spec) =>
        new() { Name = spec.Name, Datatype = TypeOf(spec.ElementType), Shape = { spec.Shape } };

    private static string TypeOf(OrtElementType type) => type switch
    {
        OrtElementType.Float => "FP32",
        OrtElementType.Int64 => "INT64",
        _ => throw new NotSupportedException($"{type}"),
    };

    private ModelInferResponse Run(ModelInferRequest request, ServerMood mood)
    {
        var session = Find(request.ModelName);
        lock (_gate)
        {
            using var run = new OrtRun(session);
            var inputs = new List<OrtTensor>();
            foreach (var (asked, raw) in request.Inputs.Zip(request.RawInputContents))
            {
                inputs.Add(asked.Datatype == "BYTES" ? Pictures.Take(raw.Span, [.. asked.Shape])
                    : OrtTensor.Allocate(asked.Datatype == "FP32" ? OrtElementType.Float : OrtElementType.Int64, [.. asked.Shape]));
                if (asked.Datatype != "BYTES")
                {
                    raw.Span.CopyTo(inputs[^1].Bytes);
                }

                run.SetInput(session.FindInput(asked.Name), inputs[^1]);
            }

            run.Run();
            var answer = new ModelInferResponse { ModelName = request.ModelName, ModelVersion = "1" };
            foreach (var wanted in request.Outputs)
            {
                using var output = run.TakeOutput(session.FindOutput(wanted.Name));
                Add(answer, wanted.Name, output, mood);
            }

            inputs.ForEach(i => i.Dispose());
            return answer;
        }
    }

    private static void Add(ModelInferResponse answer, string name, OrtTensor output, ServerMood mood)
    {
        var told = new ModelInferResponse.Types.InferOutputTensor { Name = name, Datatype = TypeOf(output.ElementType) };
        told.Shape.AddRange(output.Shape.ToArray());
        told.Shape[^1] += mood == ServerMood.OtherShape ? 1 : 0;
        answer.Outputs.Add(told);
        if (mood == ServerMood.AsText)
        {
            told.Contents = new InferTensorContents();
            told.Contents.Fp32Contents.AddRange(output.Floats.ToArray());
            return;
        }

        answer.RawOutputContents.Add(ByteString.CopyFrom(mood == ServerMood.TooShort ? output.Bytes[4..] : output.Bytes));
    }
}
