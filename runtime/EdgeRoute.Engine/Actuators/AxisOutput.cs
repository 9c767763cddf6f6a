using System.Device.Pwm;
using Iot.Device.DCMotor;
using Iot.Device.ServoMotor;

namespace EdgeRoute.Engine.Actuators;

/// <summary>What an axis moves.</summary>
internal abstract class AxisOutput : IDisposable
{
    /// <summary>Takes it to a value in the axis's own unit.</summary>
    /// <exception cref="IOException">It cannot be reached.</exception>
    public abstract void Write(double value);

    /// <summary>Gives no more pulses.</summary>
    /// <inheritdoc cref="Write"/>
    public abstract void Release();

    public abstract void Dispose();
}

/// <summary>A channel by the length of its pulses.</summary>
/// <param name="share">Part of a period that one of the axis's unit is.</param>
internal sealed class PulseOutput(PwmChannel channel, double share) : AxisOutput
{
    public override void Write(double value)
    {
        channel.DutyCycle = value * share;
        channel.Start();
    }

    public override void Release() => channel.Stop();

    public override void Dispose() => channel.Dispose();
}

/// <summary>A servo by its angle in degrees.</summary>
internal sealed class ServoOutput(ServoMotor servo) : AxisOutput
{
    public override void Write(double value)
    {
        servo.WriteAngle(value);
        servo.Start();
    }

    public override void Release() => servo.Stop();

    public override void Dispose() => servo.Dispose();
}

/// <summary>A motor by its speed, -1 to 1.</summary>
internal sealed class MotorOutput(DCMotor motor) : AxisOutput
{
    public override void Write(double value) => motor.Speed = value;

    public override void Release() => motor.Speed = 0;

    public override void Dispose() => motor.Dispose();
}
