namespace Warren.Wire.Amqp091.Methods;

/// <summary>basic.get-empty: says that the queue has no ready message.</summary>
public readonly ref struct BasicGetEmpty
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: malformed arguments.</exception>
    public static BasicGetEmpty Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.BasicGetEmpty, arguments);
        _ = reader.ShortString();
        reader.End();
        return default;
    }
}
