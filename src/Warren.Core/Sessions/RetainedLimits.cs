namespace Warren.Core.Sessions;

/// <summary>What a virtual host may retain.</summary>
public sealed record RetainedLimits
{
    /// <summary>Whether a retained message is sent only while who published it still might.</summary>
    public bool ChecksSource { get; init; } = true;

    /// <summary>Topics that may have a message.</summary>
    public int MessagesMax { get; init; } = 100_000;

    /// <summary>Bytes of the messages, and what their topics take in memory.</summary>
    public long BytesMax { get; init; } = 1024L * 1024 * 1024;
}
