namespace Warren.Wire.Amqp091;

/// <summary>confirm.select: its arguments, views into the frame.</summary>
public readonly ref struct ConfirmSelect
{
    private ConfirmSelect(scoped ref ArgumentReader reader)
    {
        NoWait = reader.Bit();
        reader.End();
    }

    /// <summary>The no wait: flag.</summary>
    public bool NoWait { get; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConnectionError">501 or 502: they cannot be decoded.</exception>
    public static ConfirmSelect Read(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(MethodId.ConfirmSelect, arguments);
        return new ConfirmSelect(ref reader);
    }
}
