using System.Runtime.CompilerServices;
using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

public sealed class OrtRunTests
{
    [SkippableFact]
    public void Features_pass_from_stage_to_stage_without_a_copy()
    {
        using OrtSession first = OrtPlace.Open("stage_a.onnx"), second = OrtPlace.Open("stage_b.onnx");
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8), features = OrtTensor.Allocate(OrtElementType.Float, [1, 16]);
        using OrtTensor early = OrtTensor.Allocate(OrtElementType.Float, [1, 4]), late = OrtTensor.Allocate(OrtElementType.Float, [1, 4]);
        using OrtRun firstRun = new(first), secondRun = new(second);
        firstRun.SetInput(0, image);
        firstRun.SetOutput(first.FindOutput("features"), features);
        firstRun.SetOutput(first.FindOutput("exit_logits"), early);
        secondRun.SetInput(0, features);
        secondRun.SetOutput(0, late);

        features.Floats.Fill(float.NaN);
        ref float before = ref features.Floats[0];
        firstRun.Run();
        Assert.True(Unsafe.AreSame(ref before, ref features.Floats[0]));
        Assert.DoesNotContain(float.NaN, features.Floats.ToArray());
        secondRun.Run();

        (float[] wholeEarly, float[] wholeLate) = RunWhole(image);
        Assert.Equal(wholeEarly, early.Floats.ToArray());
        Assert.All(wholeLate.Zip(late.Floats.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));

        // The second stage reads the memory the first one wrote: changing it changes the answer.
        features.Floats.Clear();
        secondRun.Run();
        Assert.All(late.Floats.ToArray(), value => Assert.Equal(0, value));
    }

    [SkippableFact]
    public void A_discovery_run_tells_the_shapes_of_free_sizes()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        using var tokens = new TokenRun(session, tokenCount: 10);
        foreach (int count in new[] { 3, 10, 1 })
        {
            tokens.Keep(count);
            using OrtTensor kept = tokens.Run.TakeOutput(0), scores = tokens.Run.TakeOutput(1);
            Assert.Equal([1, count, 4], kept.Shape.ToArray());
            Assert.Equal([1, count], scores.Shape.ToArray());
            Assert.Equal(90, kept.Floats[0]);
        }
    }

    [SkippableFact]
    public void Results_that_nobody_takes_do_not_bind_the_next_run()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        using var tokens = new TokenRun(session, tokenCount: 10);
        tokens.Keep(3);
        tokens.Keep(7);
        using OrtTensor kept = tokens.Run.TakeOutput(0);
        Assert.Equal([1, 7, 4], kept.Shape.ToArray());
        Assert.Throws<InvalidOperationException>(() => tokens.Run.TakeOutput(0));
    }

    [SkippableFact]
    public void Every_keep_count_runs_over_views_of_one_buffer()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        using var tokens = new TokenRun(session, tokenCount: 16);
        using OrtTensor keptRoom = OrtTensor.Allocate(OrtElementType.Float, [1, 16, 4]),
            scoreRoom = OrtTensor.Allocate(OrtElementType.Float, [1, 16]);
        for (int count = 1; count <= 16; count++)
        {
            using OrtTensor kept = keptRoom.View([1, count, 4]), scores = scoreRoom.View([1, count]);
            tokens.Run.SetOutput(0, kept);
            tokens.Run.SetOutput(1, scores);
            tokens.Keep(count);
            Assert.Equal(Enumerable.Range(0, count).Select(i => 15f - i), scores.Floats.ToArray());
            Assert.Equal((10 * (16 - count)) + 3, keptRoom.Floats[(count * 4) - 1]);
        }
    }

    [SkippableFact]
    public void Half_precision_runs()
    {
        using OrtSession session = OrtPlace.Open("half.onnx");
        using OrtTensor x = OrtTensor.Allocate(OrtElementType.Float16, [1, 4]), y = OrtTensor.Allocate(OrtElementType.Float16, [1, 4]);
        using var run = new OrtRun(session);
        run.SetInput(0, x);
        run.SetOutput(0, y);
        Span<Half> values = x.Halves;
        values[0] = (Half)0.5f;
        values[1] = (Half)(-1);
        values[2] = (Half)1000;
        values[3] = (Half)0.25f;
        run.Run();
        Assert.Equal([(Half)1, (Half)0, (Half)2000, (Half)0.5f], y.Halves.ToArray());
    }

    [SkippableFact]
    public void Every_element_type_goes_through()
    {
        using OrtSession session = OrtPlace.Open("types.onnx");
        using var run = new OrtRun(session);
        OrtTensor[] inputs = [.. session.Inputs.Select(spec => OrtTensor.Allocate(spec.ElementType, [2, 3]))];
        OrtTensor[] outputs = [.. session.Outputs.Select(spec => OrtTensor.Allocate(spec.ElementType, [2, 3]))];
        for (int i = 0; i < inputs.Length; i++)
        {
            // 0 and 1 only, so that the bytes are lawful booleans as well.
            inputs[i].Bytes.Fill(1);
            inputs[i].Bytes[0] = 0;
            run.SetInput(i, inputs[i]);
            run.SetOutput(i, outputs[i]);
        }
        run.Run();
        Assert.All(inputs.Zip(outputs), pair => Assert.Equal(pair.First.Bytes.ToArray(), pair.Second.Bytes.ToArray()));
        Array.ForEach([.. inputs, .. outputs], tensor => tensor.Dispose());
    }

    [SkippableFact]
    public void Wrong_inputs_and_outputs_are_refused_in_the_words_of_the_library()
    {
        using OrtSession session = OrtPlace.Open("stage_b.onnx");
        using var run = new OrtRun(session);
        using OrtTensor rank = OrtTensor.Allocate(OrtElementType.Float, [16]), size = OrtTensor.Allocate(OrtElementType.Float, [1, 15]);
        using OrtTensor type = OrtTensor.Allocate(OrtElementType.Double, [1, 16]), good = OrtTensor.Allocate(OrtElementType.Float, [1, 16]);
        Assert.Contains("not bound", Refusal(run).Message, StringComparison.Ordinal);
        Assert.Contains("Invalid rank for input: features", Refusal(run, rank).Message, StringComparison.Ordinal);
        Assert.Contains("Got invalid dimensions for input: features", Refusal(run, size).Message, StringComparison.Ordinal);
        Assert.Contains("Unexpected input data type", Refusal(run, type).Message, StringComparison.Ordinal);

        run.SetOutput(0, good);
        Assert.Equal(OrtErrorCode.InvalidArgument, Refusal(run, good).Code);
        run.SetOutput(0, null);
        run.Run();
    }

    [SkippableFact]
    public void More_tokens_than_there_are_is_an_error()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        using var tokens = new TokenRun(session, tokenCount: 4);
        Assert.Contains("k argument [5]", Assert.Throws<OrtException>(() => tokens.Keep(5)).Message, StringComparison.Ordinal);
        tokens.Keep(4);
    }

    [SkippableFact]
    public void Positions_outside_the_model_are_refused()
    {
        using OrtSession session = OrtPlace.Open("half.onnx");
        using var run = new OrtRun(session);
        using OrtTensor x = OrtTensor.Allocate(OrtElementType.Float16, [1, 4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => run.SetInput(1, x));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.SetOutput(-1, x));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.TakeOutput(1));
    }

    [SkippableFact]
    public void A_terminated_run_fails_until_it_is_cleared()
    {
        using OrtSession session = OrtPlace.Open("whole.onnx");
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8);
        using var run = new OrtRun(session);
        run.SetInput(0, image);
        run.Terminate();
        Assert.Contains("terminate", Assert.Throws<OrtException>(run.Run).Message, StringComparison.OrdinalIgnoreCase);
        run.ClearTermination();
        run.Run();
    }

    [SkippableFact]
    public void A_bound_tensor_lives_as_long_as_it_is_bound()
    {
        using OrtSession session = OrtPlace.Open("stage_b.onnx");
        OrtTensor features = OrtPlace.Filled(1, 16), logits = OrtTensor.Allocate(OrtElementType.Float, [1, 4]);
        var run = new OrtRun(session);
        run.SetInput(0, features);
        run.SetOutput(0, logits);
        features.Dispose();
        run.Run();
        Assert.NotEqual(0, logits.Floats[0]);
        run.Dispose();
        logits.Dispose();
        Assert.Throws<ObjectDisposedException>(() => features.Floats.Length);
        Assert.Throws<ObjectDisposedException>(run.Run);
    }

    /// <summary>Finalizers run in any order, on their own thread; each object still holds what it uses.</summary>
    [SkippableFact]
    public void Forgotten_objects_are_released_in_any_order()
    {
        _ = OrtPlace.Environment;
        var references = new List<WeakReference>();
        for (int i = 0; i < 20; i++)
        {
            references.AddRange(RunAndForget());
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.DoesNotContain(references, reference => reference.IsAlive);
        Features_pass_from_stage_to_stage_without_a_copy();
    }

    [SkippableFact]
    public void A_run_allocates_no_managed_memory()
    {
        using OrtSession first = OrtPlace.Open("stage_a.onnx"), second = OrtPlace.Open("stage_b.onnx");
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8), other = OrtPlace.Filled(1, 3, 8, 8);
        using OrtTensor features = OrtTensor.Allocate(OrtElementType.Float, [1, 16]),
            late = OrtTensor.Allocate(OrtElementType.Float, [1, 4]);
        using OrtRun firstRun = new(first), secondRun = new(second);
        firstRun.SetOutput(0, features);
        secondRun.SetInput(0, features);
        secondRun.SetOutput(0, late);

        void Frame(int index)
        {
            firstRun.SetInput(0, (index & 1) == 0 ? image : other);
            firstRun.Run();
            secondRun.Run();
            late.Floats[0] = index;
        }

        int frame = 0;
        Assert.Equal(0, AllocationWindows.LeastBytesOf(() => Frame(frame++), 625));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] RunAndForget()
    {
        OrtSession session = OrtPlace.Open("stage_b.onnx");
        OrtTensor room = OrtPlace.Filled(1, 32), view = room.View([1, 16]);
        var run = new OrtRun(session);
        run.SetInput(0, view);
        run.Run();
        OrtTensor logits = run.TakeOutput(0);
        return [new(session), new(room), new(view), new(run), new(logits)];
    }

    private static OrtException Refusal(OrtRun run, OrtTensor? input = null)
    {
        if (input is not null)
        {
            run.SetInput(0, input);
        }
        return Assert.Throws<OrtException>(run.Run);
    }

    private static (float[] Early, float[] Late) RunWhole(OrtTensor image)
    {
        using OrtSession session = OrtPlace.Open("whole.onnx");
        using var run = new OrtRun(session);
        run.SetInput(0, image);
        run.Run();
        using OrtTensor early = run.TakeOutput(session.FindOutput("exit_logits")), late = run.TakeOutput(session.FindOutput("logits"));
        return (early.Floats.ToArray(), late.Floats.ToArray());
    }
}
