namespace Warren.Interop.Tests.Raw;

/// <summary>One frame as it stood on the wire (AMQP 0-9-1, 4.2.3).</summary>
public sealed record RawFrame(byte Type, ushort Channel, byte[] Payload)
{
    /// <summary>A method frame.</summary>
    public const byte MethodType = 1;

    /// <summary>A content header frame.</summary>
    public const byte HeaderType = 2;

    /// <summary>A content body frame.</summary>
    public const byte BodyType = 3;

    /// <summary>A heartbeat frame.</summary>
    public const byte HeartbeatType = 8;

    /// <summary>The class id of a method or content header frame.</summary>
    public ushort ClassId => (ushort)((Payload[0] << 8) | Payload[1]);

    /// <summary>The method id of a method frame.</summary>
    public ushort MethodId => (ushort)((Payload[2] << 8) | Payload[3]);

    /// <summary>True for this method.</summary>
    public bool Is(ushort classId, ushort methodId) =>
        Type == MethodType && ClassId == classId && MethodId == methodId;

    /// <summary>The arguments of a method frame.</summary>
    public RawReader Arguments() => new(Payload.AsMemory(4));

    /// <summary>What stands in a failed assertion.</summary>
    public override string ToString() => Type switch
    {
        MethodType when Payload.Length >= 4 => $"method {ClassId}.{MethodId} on channel {Channel}{CloseText()}",
        HeaderType => $"header on channel {Channel}",
        BodyType => $"body of {Payload.Length} bytes on channel {Channel}",
        HeartbeatType => "heartbeat",
        _ => $"frame type {Type}",
    };

    private string CloseText() =>
        Is(10, 50) || Is(20, 40) ? $" ({RawClose.Of(this)})" : string.Empty;
}

/// <summary>What connection.close and channel.close say.</summary>
public sealed record RawClose(int Code, string Text, int ClassId, int MethodId)
{
    /// <summary>Reads the arguments of a close method.</summary>
    public static RawClose Of(RawFrame frame)
    {
        RawReader arguments = frame.Arguments();
        return new RawClose(arguments.U16(), arguments.ShortString(), arguments.U16(), arguments.U16());
    }
}
