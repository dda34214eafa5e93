using System.Globalization;
using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Core.Security;
using Warren.Management.Routing;

namespace Warren.Management.Messages;

/// <summary>A message an operator publishes or asks about, laid out as a client's would be.</summary>
/// <remarks>Holds one reference on its bytes.</remarks>
internal sealed class NewMessage : IDisposable
{
    private const long LongestTtlMs = 315_360_000_000; // ten years, as for clients

    private readonly Payload _image;

    private NewMessage(Payload image, MessageFormat format, byte[][] copies)
    {
        _image = image;
        Format = format;
        Copies = copies;
    }

    /// <summary>The message.</summary>
    public Message Message => new(_image);

    /// <summary>How its properties are encoded.</summary>
    public MessageFormat Format { get; }

    /// <summary>The keys of its CC and BCC headers.</summary>
    public byte[][] Copies { get; }

    /// <summary>Lays a message out.</summary>
    /// <exception cref="ApiError">400: a property or key does not fit.</exception>
    public static NewMessage Of(
        Broker broker, User user, string exchange, string routingKey, MessageProperties properties, ReadOnlySpan<byte> body)
    {
        if (Encoding.UTF8.GetByteCount(routingKey) > byte.MaxValue)
        {
            throw ApiError.BadRequest("too_long", "routing_key");
        }

        if (properties.UserId is { } userId && userId != user.Name && !user.IsImpersonator)
        {
            throw ApiError.BadRequest(
                $"406 PRECONDITION_FAILED - user_id property set to '{userId}' but authenticated user was '{user.Name}'");
        }

        long ttlMs = properties.Expiration is { } expiration ? Ttl(expiration) : -1;
        List<byte[]> copies = [];
        properties = WithoutBlindCopies(properties, copies);
        MessageFormat format = broker.OwnFormat
            ?? throw ApiError.BadRequest("no protocol is there to encode properties");
        byte[] encoded = format.WriteProperties(properties) ?? [];
        byte[] exchangeUtf8 = Encoding.UTF8.GetBytes(exchange);
        byte[] key = Encoding.UTF8.GetBytes(routingKey);
        MessageFlags flags = properties.DeliveryMode == 2 ? MessageFlags.Persistent : MessageFlags.None;
        flags |= ttlMs >= 0 ? MessageFlags.HasTtl : MessageFlags.None;
        flags |= properties.Headers is { Count: > 0 } ? MessageFlags.HasHeaders : MessageFlags.None;
        var envelope = new MessageEnvelope(format.Tag, flags, properties.Priority ?? 0, broker.Clock.NowMs, ttlMs);
        Payload image = broker.Slabs.Allocate(checked((int)Message.SizeOf(exchangeUtf8.Length, key.Length, encoded.Length, body.Length)));
        int at = Message.WriteHead(image.Writable, envelope, exchangeUtf8, key, encoded, body.Length);
        body.CopyTo(image.Writable[at..]);
        return new NewMessage(image, format, [.. copies]);
    }

    /// <inheritdoc/>
    public void Dispose() => _image.Release();

    private static long Ttl(string text)
    {
        string refusal = $"406 PRECONDITION_FAILED - invalid expiration '{text}': ";
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ttlMs))
        {
            throw ApiError.BadRequest(refusal + "no_integer");
        }

        return ttlMs switch
        {
            < 0 => throw ApiError.BadRequest($"{refusal}{{value_negative,{ttlMs}}}"),
            > LongestTtlMs => throw ApiError.BadRequest($"{refusal}{{value_too_big,{ttlMs}}}"),
            _ => ttlMs,
        };
    }

    // BCC is for routing only; nobody who gets the message sees it.
    private static MessageProperties WithoutBlindCopies(MessageProperties properties, List<byte[]> copies)
    {
        if (properties.Headers is not { } headers)
        {
            return properties;
        }

        var kept = new FieldTable(headers.Count);
        foreach (KeyValuePair<string, FieldValue> field in headers.Fields)
        {
            if (field.Key is "CC" or "BCC")
            {
                foreach (FieldValue key in field.Value.AsArray())
                {
                    copies.Add(key.AsBytes().ToArray());
                }
            }

            if (field.Key != "BCC")
            {
                kept.Add(field.Key, field.Value);
            }
        }

        return properties with { Headers = kept };
    }
}
