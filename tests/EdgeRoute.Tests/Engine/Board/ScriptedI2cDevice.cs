using System.Device.I2c;

namespace EdgeRoute.Tests.Engine.Board;

/// <summary>
/// A device on an I2C bus that is nothing but registers: the first byte written chooses one, the rest goes into it. Keeps what was written,
/// so that a test sees the very bytes on the wire. A register that nobody has set holds zeros.
/// </summary>
internal sealed class ScriptedI2cDevice(int address) : I2cDevice
{
    private readonly Dictionary<byte, byte[]> _registers = [];
    private byte _chosen;

    public override I2cConnectionSettings ConnectionSettings { get; } = new(1, address);

    /// <summary>All writes in hexadecimal, in order; those that only choose a register are left out.</summary>
    public List<string> Written { get; } = [];

    /// <summary>Every transfer fails while this is set, as it does on a bus without the device.</summary>
    public bool IsGone { get; set; }

    public bool IsDisposed { get; private set; }

    public byte[] this[byte register]
    {
        get => _registers[register];
        set => _registers[register] = value;
    }

    public override void Read(Span<byte> buffer)
    {
        Answer();
        buffer.Clear();
        _registers.GetValueOrDefault(_chosen, []).CopyTo(buffer);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Answer();
        _chosen = buffer[0];
        if (buffer.Length > 1)
        {
            _registers[_chosen] = buffer[1..].ToArray();
            Written.Add(Convert.ToHexString(buffer));
        }
    }

    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
    {
        Write(writeBuffer);
        Read(readBuffer);
    }

    protected override void Dispose(bool disposing) => IsDisposed = true;

    private void Answer()
    {
        if (IsGone)
        {
            throw new IOException("Error 121. Remote I/O error performing I2C data transfer.");
        }
    }
}
