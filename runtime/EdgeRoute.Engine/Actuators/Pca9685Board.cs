using System.Device.I2c;
using System.Device.Pwm;
using EdgeRoute.Documents.Configs;
using Iot.Device.Pwm;

namespace EdgeRoute.Engine.Actuators;

/// <summary>
/// A PCA9685. The package's device sets it up; the channels are written here, all four registers in one transfer: the package writes them
/// one by one, so that between two of them the chip could give a pulse of another length. Nothing moves before the first pulse is written.
/// </summary>
internal sealed class Pca9685Board : IDisposable
{
    /// <summary>Steps of a period.</summary>
    private const int StepCount = 4096;

    private const byte Mode1 = 0, FirstChannel = 6, RegistersOfChannel = 4, AllChannels = 0xFA;

    /// <summary>Of the register MODE1, by the data sheet: registers are written one behind the other, the oscillator stands, the common
    /// address is answered to (as after power-on).</summary>
    private const byte AutoIncrement = 0x20, Asleep = 0x10, AllCall = 0x01;

    /// <summary>Of the upper byte that ends, or begins, a pulse: the channel is low, or high, all the time.</summary>
    private const byte Always = 0x10;

    private readonly I2cDevice _device;
    private readonly Pca9685 _chip;
    private readonly int _hz;

    /// <param name="device">Owned.</param>
    /// <exception cref="IOException">It does not answer.</exception>
    public Pca9685Board(I2cDevice device, Pca9685Config config)
    {
        (_device, _hz) = (device, config.Hz);
        try
        {
            Stop();
            _chip = new Pca9685(device, config.Hz);
            Write(Mode1, AutoIncrement | AllCall);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public PwmChannel Channel(int index) => new PulseChannel(this, index);

    /// <summary>False after a dip of its supply, which resets it: it sleeps then, and takes pulses in vain.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    public bool IsAwake()
    {
        Span<byte> mode = stackalloc byte[1];
        _device.WriteRead([Mode1], mode);
        return (mode[0] & Asleep) == 0;
    }

    /// <summary>Ends all pulses, and the oscillator.</summary>
    public void Stop()
    {
        Write(Mode1, AutoIncrement | Asleep | AllCall);
        _device.Write([AllChannels, 0, 0, 0, Always]);
    }

    public void Dispose()
    {
        _chip.Dispose();
        _device.Dispose();
    }

    private void Write(byte register, int value) => _device.Write([register, (byte)value]);

    /// <param name="steps">Length of the pulse, 0 to <see cref="StepCount"/>.</param>
    private void WritePulse(int channel, int steps)
    {
        byte register = (byte)(FirstChannel + (channel * RegistersOfChannel));
        _device.Write(
        [
            register, 0, steps >= StepCount ? Always : (byte)0, (byte)(steps < StepCount ? steps : 0),
            steps <= 0 ? Always : (byte)(steps < StepCount ? steps >> 8 : 0),
        ]);
    }

    /// <summary>One channel as the package's servos and motors take it. The same pulse again is not written again.</summary>
    private sealed class PulseChannel(Pca9685Board board, int index) : PwmChannel
    {
        private const int Unknown = -1;

        private double _dutyCycle;
        private bool _isOn;

        /// <summary>In steps; every channel is off when the board is made.</summary>
        private int _written;

        public override int Frequency
        {
            get => board._hz;
            set => throw new NotSupportedException("All channels of a PCA9685 have the same frequency.");
        }

        public override double DutyCycle
        {
            get => _dutyCycle;
            set
            {
                _dutyCycle = value;
                Write();
            }
        }

        public override void Start()
        {
            _isOn = true;
            Write();
        }

        public override void Stop()
        {
            _isOn = false;
            Write();
        }

        private void Write()
        {
            int steps = _isOn ? (int)Math.Round(_dutyCycle * StepCount) : 0;
            if (steps == _written)
            {
                return;
            }

            _written = Unknown;
            board.WritePulse(index, steps);
            _written = steps;
        }
    }
}
