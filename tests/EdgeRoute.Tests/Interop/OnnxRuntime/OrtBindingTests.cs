using EdgeRoute.Interop.OnnxRuntime;

namespace EdgeRoute.Tests.Interop.OnnxRuntime;

/// <summary>On CPU memory, which takes the same road as device memory.</summary>
public sealed class OrtBindingTests
{
    [SkippableFact]
    public void Bound_tensors_are_read_and_written()
    {
        using OrtSession session = OrtPlace.Open("stage_b.onnx");
        using OrtTensor features = OrtPlace.Filled(1, 16), logits = OrtTensor.Allocate(OrtElementType.Float, [1, 4]);
        using var binding = new OrtBinding(session);
        binding.BindInput(0, features);
        binding.BindOutput(0, logits);
        binding.SynchronizeInputs();
        binding.Run();
        binding.SynchronizeOutputs();
        Assert.Equal(RunPlainly(session, features), logits.Floats.ToArray());
    }

    [SkippableFact]
    public void An_output_left_on_the_device_is_the_input_of_the_next_stage()
    {
        using OrtSession first = OrtPlace.Open("stage_a.onnx"), second = OrtPlace.Open("stage_b.onnx");
        using OrtTensor image = OrtPlace.Filled(1, 3, 8, 8);
        using OrtDeviceMemory cpu = OrtDeviceMemory.Cpu();
        using OrtBinding firstBinding = new(first), secondBinding = new(second);
        firstBinding.BindInput(0, image);
        // Bound in the other order than the model has them: results are still found by their index.
        firstBinding.BindOutput(1, cpu);
        firstBinding.BindOutput(0, cpu);
        firstBinding.Run();
        using OrtTensor features = firstBinding.TakeOutput(0), early = firstBinding.TakeOutput(1);
        Assert.Equal([1, 16], features.Shape.ToArray());
        Assert.Equal([1, 4], early.Shape.ToArray());
        Assert.False(features.IsOnDevice);

        secondBinding.BindInput(0, features);
        secondBinding.BindOutput(0, cpu);
        secondBinding.Run();
        using OrtTensor logits = secondBinding.TakeOutput(0);
        Assert.Equal(RunPlainly(second, features), logits.Floats.ToArray());
    }

    [SkippableFact]
    public void Free_sizes_come_back_with_their_shape()
    {
        using OrtSession session = OrtPlace.Open("tokens.onnx");
        using OrtTensor tokens = OrtPlace.Filled(1, 6, 4), scores = OrtPlace.Filled(1, 6),
            count = OrtTensor.Allocate(OrtElementType.Int64, [1]);
        using OrtDeviceMemory cpu = OrtDeviceMemory.Cpu();
        using var binding = new OrtBinding(session);
        count.Longs[0] = 2;
        binding.BindInput(0, tokens);
        binding.BindInput(1, scores);
        binding.BindInput(2, count);
        binding.BindOutput(0, cpu);
        binding.BindOutput(1, cpu);
        binding.Run();
        using OrtTensor kept = binding.TakeOutput(0);
        Assert.Equal([1, 2, 4], kept.Shape.ToArray());
    }

    [SkippableFact]
    public void Mistakes_are_refused()
    {
        using OrtSession session = OrtPlace.Open("stage_b.onnx");
        using OrtTensor wrong = OrtTensor.Allocate(OrtElementType.Float, [16]);
        using OrtDeviceMemory cpu = OrtDeviceMemory.Cpu();
        using var binding = new OrtBinding(session);
        Assert.Throws<ArgumentOutOfRangeException>(() => binding.BindInput(1, wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => binding.BindOutput(-1, cpu));
        Assert.Throws<InvalidOperationException>(() => binding.TakeOutput(0));
        binding.BindInput(0, wrong);
        binding.BindOutput(0, cpu);
        Assert.Contains("Invalid rank", Assert.Throws<OrtException>(binding.Run).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Bound_tensors_live_as_long_as_the_binding()
    {
        using OrtSession session = OrtPlace.Open("stage_b.onnx");
        OrtTensor features = OrtPlace.Filled(1, 16);
        using OrtTensor logits = OrtTensor.Allocate(OrtElementType.Float, [1, 4]);
        using (var binding = new OrtBinding(session))
        {
            binding.BindInput(0, features);
            binding.BindOutput(0, logits);
            features.Dispose();
            binding.Run();
            Assert.NotEqual(0, logits.Floats[0]);
        }
        Assert.Throws<ObjectDisposedException>(() => features.Floats.Length);
    }

    [SkippableFact]
    public void Memory_is_named()
    {
        _ = OrtPlace.Library;
        using OrtDeviceMemory cpu = OrtDeviceMemory.Cpu(), cuda = OrtDeviceMemory.Cuda(0);
        Assert.Equal(("Cpu", "Cuda"), (cpu.Name, cuda.Name));
    }

    private static float[] RunPlainly(OrtSession session, OrtTensor input)
    {
        using var run = new OrtRun(session);
        run.SetInput(0, input);
        run.Run();
        using OrtTensor output = run.TakeOutput(0);
        return output.Floats.ToArray();
    }
}
