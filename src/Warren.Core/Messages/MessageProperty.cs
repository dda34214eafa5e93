namespace Warren.Core.Messages;

/// <summary>A property of a message besides its headers that exchanges may look at.</summary>
public enum MessageProperty
{
    /// <summary>What the message answers.</summary>
    CorrelationId,

    /// <summary>The publisher's name for the message.</summary>
    MessageId,

    /// <summary>When the publisher made it.</summary>
    Timestamp,
}
