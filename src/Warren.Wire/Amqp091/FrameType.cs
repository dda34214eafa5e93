namespace Warren.Wire.Amqp091;

/// <summary>What a frame carries (AMQP 0-9-1 reference, "Constants").</summary>
public enum FrameType : byte
{
    /// <summary>A method and its arguments.</summary>
    Method = 1,

    /// <summary>A content header.</summary>
    Header = 2,

    /// <summary>A piece of a content body.</summary>
    Body = 3,

    /// <summary>Nothing: the sender is alive.</summary>
    Heartbeat = 8,
}
