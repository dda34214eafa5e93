namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.return: brings a message back that could not be routed.</summary>
public readonly ref struct BasicReturn
{
    /// <summary>Why.</summary>
    public ReplyCode Code { get; init; }

    /// <summary>Why, in words.</summary>
    public ReadOnlySpan<byte> ReplyText { get; init; }

    /// <summary>The exchange it was published to.</summary>
    public ReadOnlySpan<byte> Exchange { get; init; }

    /// <summary>Its routing key.</summary>
    public ReadOnlySpan<byte> RoutingKey { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicReturn Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicReturn, arguments);
        var code = (ReplyCode)reader.UInt16();
        ReadOnlySpan<byte> replyText = reader.ShortString();
        ReadOnlySpan<byte> exchange = reader.ShortString();
        ReadOnlySpan<byte> routingKey = reader.ShortString();
        reader.End();
        return new BasicReturn
        {
            Code = code,
            ReplyText = replyText,
            Exchange = exchange,
            RoutingKey = routingKey,
        };
    }
}
