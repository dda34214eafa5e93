using System.Buffers.Binary;

namespace Warren.Wire.Amqp091;

/// <summary>The payload of a method frame: method id, then its arguments (AMQP 0-9-1, 4.2.4).</summary>
public static class Method
{
    /// <summary>Bytes the id takes.</summary>
    public const int IdSize = sizeof(uint);

    /// <summary>Reads which method a frame carries.</summary>
    /// <param name="payload">The payload of a method frame.</param>
    /// <param name="arguments">What follows the id.</param>
    /// <returns>The id, which need not be a known one.</returns>
    /// <exception cref="ConnectionError">501 FRAME_ERROR: too short for an id.</exception>
    public static MethodId ReadId(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> arguments)
    {
        if (payload.Length < IdSize)
        {
            ConnectionError.ThrowCannotDecode(MethodId.None, payload);
        }

        arguments = payload[IdSize..];
        return (MethodId)BinaryPrimitives.ReadUInt32BigEndian(payload);
    }

    /// <summary>
    /// Checks a method that has no arguments: close-ok, flow-less commands, the tx class and the like.
    /// </summary>
    /// <exception cref="ConnectionError">501 FRAME_ERROR: there are arguments.</exception>
    public static void ReadEmpty(MethodId method, ReadOnlySpan<byte> arguments)
    {
        if (!arguments.IsEmpty)
        {
            ConnectionError.ThrowCannotDecode(method, arguments);
        }
    }

    /// <summary>The class-id of a method.</summary>
    public static ushort ToClass(this MethodId method) => (ushort)((uint)method >> 16);

    /// <summary>The method-id within its class.</summary>
    public static ushort ToNumber(this MethodId method) => (ushort)method;

    /// <summary>True for the methods <see cref="MethodId"/> lists.</summary>
    public static bool IsKnown(this MethodId method) => method != MethodId.None && Enum.IsDefined(method);

    /// <summary>True for a method that is followed by a content header (AMQP 0-9-1, 4.2.6).</summary>
    public static bool HasContent(this MethodId method) =>
        method is MethodId.BasicPublish or MethodId.BasicReturn or MethodId.BasicDeliver or MethodId.BasicGetOk;
}
