using Warren.Buffers.Fields;

namespace Warren.Core.Messages;

/// <summary>How one protocol encodes the properties of a message; the core's only way to look inside them.</summary>
/// <remarks>
/// Implemented by each protocol, registered with the broker under <see cref="Tag"/>. Stateless and thread-safe. The
/// bytes given were validated by the protocol when the message came in.
/// </remarks>
public abstract class MessageFormat
{
    /// <summary>
    /// The value in <see cref="Message.Format"/> of messages in this encoding. Given once and never reused: docs/storage-format.md
    /// has the list.
    /// </summary>
    public abstract byte Tag { get; }

    /// <summary>Whether a header says that a message is to be retained; false where the protocol has said it otherwise.</summary>
    public virtual bool RetainsByHeader => true;

    /// <summary>Finds one header without decoding the others.</summary>
    public abstract bool TryFindHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out FieldValue value);

    /// <summary>The bytes of one property, the same for equal values; empty when it is not there or the protocol has none.</summary>
    public virtual ReadOnlySpan<byte> FindProperty(ReadOnlySpan<byte> properties, MessageProperty property) => [];

    /// <summary>Whether there is nothing in the properties that the envelope does not say.</summary>
    public virtual bool IsPlain(ReadOnlySpan<byte> properties) => false;

    /// <summary>All headers, decoded; empty when there are none.</summary>
    public abstract FieldTable ReadHeaders(ReadOnlySpan<byte> properties);

    /// <summary>The same properties with other headers.</summary>
    /// <param name="properties">The encoded properties.</param>
    /// <param name="headers">The headers to put in place of those there.</param>
    /// <param name="keepExpiration">False to leave the per-message expiration out, as dead-lettering does.</param>
    public abstract byte[] WithHeaders(ReadOnlySpan<byte> properties, FieldTable headers, bool keepExpiration);

    /// <summary>The per-message expiration as it was sent (milliseconds in text), or null.</summary>
    public abstract string? ReadExpiration(ReadOnlySpan<byte> properties);

    /// <summary>All properties, decoded; what the protocol has no words for is left out.</summary>
    public virtual MessageProperties ReadProperties(ReadOnlySpan<byte> properties) => new()
    {
        Headers = ReadHeaders(properties) is { Count: > 0 } headers ? headers : null,
        Expiration = ReadExpiration(properties),
    };

    /// <summary>Encodes properties for a message made by an operator; null: this encoding cannot be made from them.</summary>
    public virtual byte[]? WriteProperties(MessageProperties properties) => null;
}
