namespace Warren.Wire.Amqp091.Methods;

/// <summary>connection.close: closes the connection; both sides may send it.</summary>
public readonly ref struct ConnectionClose
{
    /// <summary>Why.</summary>
    public ReplyCode Code { get; init; }

    /// <summary>Why, in words.</summary>
    public ReadOnlySpan<byte> ReplyText { get; init; }

    /// <summary>Class of the method that failed, or 0.</summary>
    public ushort ClassId { get; init; }

    /// <summary>Number of the method that failed, or 0.</summary>
    public ushort MethodId { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static ConnectionClose Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(Amqp091.MethodId.ConnectionClose, arguments);
        var code = (ReplyCode)reader.UInt16();
        ReadOnlySpan<byte> replyText = reader.ShortString();
        ushort classId = reader.UInt16();
        ushort methodId = reader.UInt16();
        reader.End();
        return new ConnectionClose
        {
            Code = code,
            ReplyText = replyText,
            ClassId = classId,
            MethodId = methodId,
        };
    }
}
