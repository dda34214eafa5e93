using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Frames that carry a method.</summary>
internal static class MethodFrames
{
    /// <summary>The method of a frame; false for other frames and ones too short, which nobody answers any more.</summary>
    public static bool TryReadId(in Frame frame, out MethodId id)
    {
        bool readable = frame.Type == FrameType.Method && frame.Payload.Length >= Method.IdSize;
        id = readable ? Method.ReadId(frame.Payload, out _) : MethodId.None;
        return readable;
    }
}

/// <summary>Writes a frame into the span and answers its length.</summary>
internal delegate int FrameWrite(Span<byte> destination);
