using System.Buffers.Binary;

namespace Warren.Wire.Amqp091;

/// <summary>The four octets a method frame begins with (AMQP 0-9-1, 4.2.4).</summary>
public static class MethodHeader
{
    /// <summary>Octets before the arguments.</summary>
    public const int Size = 4;

    /// <summary>Reads class and method id.</summary>
    /// <exception cref="ConnectionError">501: fewer than four octets.</exception>
    public static MethodId Read(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> arguments) =>
        TryRead(payload, out MethodId id, out arguments)
            ? id
            : throw new ConnectionError(ReplyCode.FrameError, $"cannot decode {FrameReader.Octets(payload)}");

    /// <summary>Reads class and method id.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out MethodId id, out ReadOnlySpan<byte> arguments)
    {
        if (payload.Length < Size)
        {
            id = MethodId.None;
            arguments = default;
            return false;
        }

        id = (MethodId)BinaryPrimitives.ReadUInt32BigEndian(payload);
        arguments = payload[Size..];
        return true;
    }
}
