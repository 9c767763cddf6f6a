using EdgeRoute.Core.Frames;
using EdgeRoute.Documents.Packs;
using EdgeRoute.Interop.Linux;

namespace EdgeRoute.Engine.Frames;

/// <summary>
/// Memory for one frame with its stamp and layout. Slots are made once, grow only when a source changes format, and never leave their
/// exchange.
/// </summary>
public sealed class FrameSlot : IDisposable
{
    /// <summary>
    /// Compressed frames differ in size from one to the next; with this much room to spare, growing ends after a few frames.
    /// </summary>
    private const int CompressedRoomFactor = 2;

    private readonly float[] _state = new float[StateInput.LengthLimit];
    private readonly bool _isFixed;
    private AlignedMemory _memory;
    private FrameSlot? _unpacked;
    private PictureSize? _unpackedFor;
    private int _stateCount;

    public FrameSlot()
        : this(AlignedMemory.Allocate(0)) => _isFixed = false;

    /// <summary>A slot in memory that is there already, and does not grow.</summary>
    internal FrameSlot(AlignedMemory memory) => (_memory, _isFixed) = (memory, true);

    public FrameStamp Stamp { get; private set; }

    public FrameLayout Layout { get; private set; }

    /// <summary>The first frame after its source was restarted: what lies before it tells nothing about it.</summary>
    public bool FollowsRestart { get; set; }

    /// <summary>The bytes of the frame: <c>Layout.SizeBytes</c> of them.</summary>
    public ReadOnlySpan<byte> Bytes => _memory.Span[..Layout.SizeBytes];

    /// <summary>
    /// What the robot knows of itself at this frame (proprioception): joint or gripper positions in the pack's own units. Empty where the
    /// source tells none.
    /// </summary>
    public ReadOnlySpan<float> State => _state.AsSpan(0, _stateCount);

    /// <summary>
    /// The task in words at this frame; null where the source gives none. Sources keep one string per instruction, so that it is recognised
    /// without reading it.
    /// </summary>
    public string? Instruction { get; set; }

    /// <summary>The picture's file, without its folder; null where the source has none.</summary>
    public string? Name { get; set; }

    /// <summary>What is wrong with the picture, which the source decoded all the same; null for a sound one.</summary>
    public string? Damage { get; set; }

    /// <summary>Why no state could be told with this frame, for sources that are told one; null where nothing is wrong.</summary>
    public string? StateFault { get; set; }

    /// <summary>Why the task that was told no longer counts; null where nothing is wrong.</summary>
    public string? InstructionFault { get; set; }

    /// <summary>What another slot's frame was told of robot and task; after <see cref="Prepare"/>.</summary>
    public void TellAs(FrameSlot other)
    {
        TellState(other.State);
        Instruction = other.Instruction;
    }

    /// <summary>To be called after <see cref="Prepare"/>, which forgets what was told of the frame before.</summary>
    /// <exception cref="ArgumentException">More than <see cref="StateInput.LengthLimit"/> values.</exception>
    public void TellState(ReadOnlySpan<float> state)
    {
        state.CopyTo(_state);
        _stateCount = state.Length;
    }

    /// <summary>Room for a frame of this layout; the caller fills it, then calls <see cref="Commit"/>.</summary>
    public Span<byte> Prepare(in FrameLayout layout)
    {
        (_stateCount, Instruction) = (0, null);
        (StateFault, InstructionFault) = (null, null);
        (Name, Damage, _unpackedFor) = (null, null, null);
        int size = layout.SizeBytes;
        if (size < 0 || (layout.Format != PixelFormat.Jpeg && !HasSoundSides(layout)))
        {
            throw new InvalidDataException($"a frame of {layout.Width} x {layout.Height} pixels ({layout.Format}, {size} bytes) cannot be; "
                + $"sides are 1..{FrameLayout.SideLimit} pixels");
        }

        if (_memory.LengthBytes < size)
        {
            if (_isFixed)
            {
                throw new InvalidDataException($"a frame of {size} bytes does not go into a slot of {_memory.LengthBytes}");
            }

            Layout = default;
            AlignedMemory.Grow(ref _memory, layout.Format == PixelFormat.Jpeg ? size * CompressedRoomFactor : size);
        }

        Layout = layout;
        return _memory.Span[..size];
    }

    private static bool HasSoundSides(in FrameLayout layout) =>
        layout is { Width: >= 1 and <= FrameLayout.SideLimit, Height: >= 1 and <= FrameLayout.SideLimit };

    public void Commit(in FrameStamp stamp) => Stamp = stamp;

    /// <summary>Unpacks the JPEG that this slot holds into a slot of its own, for whoever asks for the same size.</summary>
    /// <returns>False: it cannot be unpacked; the unpacker has the words.</returns>
    internal bool TryUnpack(JpegUnpacker unpacker, PictureSize wanted)
    {
        _unpackedFor = null;
        _unpacked ??= new FrameSlot();
        if (!unpacker.TryUnpack(Bytes, wanted.Width, wanted.Height, _unpacked))
        {
            return false;
        }

        _unpacked.Damage = unpacker.IsDamaged ? unpacker.DamageText : null;
        _unpackedFor = wanted;
        return true;
    }

    /// <summary>What <see cref="TryUnpack"/> made of this frame for a size; null where it was not asked to, or for another size.</summary>
    internal FrameSlot? Unpacked(PictureSize wanted) => _unpackedFor == wanted ? _unpacked : null;

    public void Dispose()
    {
        _memory.Dispose();
        _unpacked?.Dispose();
    }
}
