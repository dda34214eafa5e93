namespace Warren.Wire.Amqp091.Methods;

/// <summary>access.request: asks for an access ticket (before 0-9-1; answered for old clients).</summary>
public readonly ref struct AccessRequest
{
    /// <summary>What access is asked for.</summary>
    public ReadOnlySpan<byte> Realm { get; init; }

    /// <summary>Sole access.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Passive access.</summary>
    public bool Passive { get; init; }

    /// <summary>Active access.</summary>
    public bool Active { get; init; }

    /// <summary>Access to write.</summary>
    public bool WriteAccess { get; init; }

    /// <summary>Access to read.</summary>
    public bool ReadAccess { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static AccessRequest Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.AccessRequest, arguments);
        ReadOnlySpan<byte> realm = reader.Name();
        byte bits = reader.Octet();
        reader.End();
        return new AccessRequest
        {
            Realm = realm,
            Exclusive = (bits & 1) != 0,
            Passive = (bits & 2) != 0,
            Active = (bits & 4) != 0,
            WriteAccess = (bits & 8) != 0,
            ReadAccess = (bits & 16) != 0,
        };
    }
}
