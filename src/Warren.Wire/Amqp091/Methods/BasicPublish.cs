using System.Diagnostics.CodeAnalysis;

namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.publish: the head of a message; its content follows.</summary>
/// <remarks>
/// Read once per message. Names are not checked to be UTF-8: an exchange of a broken name is not found.
/// </remarks>
public readonly ref struct BasicPublish
{
    // 0        2    3          3+e  4+e      4+e+k  5+e+k
    // +--------+----+----------+----+--------+------+
    // | ticket | e  | exchange | k  | key    | bits |
    // +--------+----+----------+----+--------+------+
    //   u16      u8   e octets   u8   k octets  u8
    private const int FixedSize = 5;

    /// <summary>Name of the exchange; empty is the default exchange.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>The routing key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>Return the message if no queue takes it.</summary>
    public bool Mandatory { get; init; }

    /// <summary>Return the message if no consumer takes it at once; not implemented.</summary>
    public bool Immediate { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501: malformed arguments.</exception>
    public static BasicPublish Read(ReadOnlySpan<byte> arguments)
    {
        if (arguments.Length < FixedSize)
        {
            ThrowCannotDecode(arguments);
        }

        int exchangeLength = arguments[2];
        if (arguments.Length < FixedSize + exchangeLength)
        {
            ThrowCannotDecode(arguments);
        }

        int keyLength = arguments[3 + exchangeLength];
        if (arguments.Length != FixedSize + exchangeLength + keyLength)
        {
            ThrowCannotDecode(arguments);
        }

        byte bits = arguments[^1];
        return new BasicPublish
        {
            Exchange = arguments.Slice(3, exchangeLength),
            RoutingKey = arguments.Slice(4 + exchangeLength, keyLength),
            Mandatory = (bits & 1) != 0,
            Immediate = (bits & 2) != 0,
        };
    }

    [DoesNotReturn]
    private static void ThrowCannotDecode(ReadOnlySpan<byte> arguments) =>
        ConnectionError.ThrowCannotDecode(MethodId.BasicPublish, arguments);
}
