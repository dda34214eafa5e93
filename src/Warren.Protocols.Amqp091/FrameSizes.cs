namespace Warren.Protocols.Amqp091;

/// <summary>Room for frames whose parts are bounded: bytes.</summary>
internal static class FrameSizes
{
    /// <summary>Any method with at most two short strings.</summary>
    public const int Small = 640;

    /// <summary>connection.close, channel.close, basic.return and basic.get-ok.</summary>
    public const int Close = 1536;

    /// <summary>connection.start with our server-properties.</summary>
    public const int Start = 4096;
}
