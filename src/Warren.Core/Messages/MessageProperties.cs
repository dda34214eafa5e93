using Warren.Buffers.Fields;

namespace Warren.Core.Messages;

/// <summary>The properties of a message decoded, in the words of AMQP 0-9-1; null where there is none.</summary>
/// <remarks>For operators and tools; what goes from client to client stays encoded.</remarks>
public sealed record MessageProperties
{
    /// <summary>MIME type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>MIME encoding of the body.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>Headers.</summary>
    public FieldTable? Headers { get; init; }

    /// <summary>1 transient, 2 persistent.</summary>
    public byte? DeliveryMode { get; init; }

    /// <summary>Priority.</summary>
    public byte? Priority { get; init; }

    /// <summary>What this message answers.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Where an answer goes.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Time to live, milliseconds in text.</summary>
    public string? Expiration { get; init; }

    /// <summary>The application's id of the message.</summary>
    public string? MessageId { get; init; }

    /// <summary>Unix time in seconds.</summary>
    public long? Timestamp { get; init; }

    /// <summary>The application's type of the message.</summary>
    public string? Type { get; init; }

    /// <summary>The user who published.</summary>
    public string? UserId { get; init; }

    /// <summary>The application that published.</summary>
    public string? AppId { get; init; }

    /// <summary>Reserved.</summary>
    public string? ClusterId { get; init; }
}
