namespace EdgeRoute.Engine.Stages;

/// <summary>The instruction or the robot's state is missing or cannot be understood. Consequence: this frame fails, no stage runs on it; the loop goes on.</summary>
public sealed class TaskUntoldException(string message) : Exception(message);
