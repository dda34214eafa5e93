namespace Warren.Buffers.Options;

/// <summary>What the number of an option counts.</summary>
public enum ConfigUnit
{
    /// <summary>Things, or nothing: the value is not a number.</summary>
    None,

    /// <summary>Bytes; a size unit may follow, such as 64MB (1000) or 64MiB (1024).</summary>
    Bytes,

    /// <summary>Milliseconds; another unit of time may follow, such as 10s.</summary>
    Milliseconds,

    /// <summary>Seconds; another unit of time may follow, such as 5m.</summary>
    Seconds,
}
