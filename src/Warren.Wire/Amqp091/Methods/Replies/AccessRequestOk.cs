namespace Warren.Wire.Amqp091.Methods;

/// <summary>access.request-ok: grants an access ticket.</summary>
public readonly ref struct AccessRequestOk
{
    /// <summary>The ticket; nobody looks at it.</summary>
    public ushort Ticket { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static AccessRequestOk Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.AccessRequestOk, arguments);
        ushort ticket = reader.UInt16();
        reader.End();
        return new AccessRequestOk { Ticket = ticket };
    }
}
