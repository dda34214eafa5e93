using Warren.Buffers;
using Warren.Core.Messages;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Writes a message as content header and body frames behind its method frame.</summary>
/// <remarks>
/// Under the lock of the output. From <see cref="ByReference"/> bytes up a frame of the body is not copied; of a body of
/// <see cref="Large"/> bytes none is, however small the client wants its frames.
/// </remarks>
internal static class DeliveryWriter
{
    /// <summary>Bodies from this size on, in bytes, are sent from where they lie.</summary>
    public const int ByReference = 8 * 1024;

    /// <summary>Bodies from this size on, in bytes, are never copied: a second copy would cost more than the sends it saves.</summary>
    public const int Large = OutputBuffer.DefaultHighWater;

    private const int HeaderFixed = FrameReader.HeaderSize + 12 + 1;
    private const int Contiguous = OutputBuffer.MaxSpan;

    /// <summary>Appends the frames of basic.deliver with its content.</summary>
    public static void WriteDeliver(
        OutputBuffer output,
        int frameMax,
        ushort channel,
        ReadOnlySpan<byte> consumerTag,
        ulong deliveryTag,
        bool redelivered,
        Message message,
        ReadOnlySpan<byte> properties)
    {
        ReadOnlySpan<byte> exchange = message.Exchange;
        ReadOnlySpan<byte> routingKey = ForeignMessage.KeyOf(message);
        int method = MethodWriter.SizeOfDeliver(consumerTag.Length, exchange.Length, routingKey.Length);
        int body = message.BodyLength;
        int head = method + HeaderFixed + properties.Length;
        if (body < ByReference && head + body + 8 <= Contiguous && body + 8 <= frameMax)
        {
            Span<byte> span = output.GetSpan(head + body + 8);
            int at = MethodWriter.WriteDeliver(span, channel, consumerTag, deliveryTag, redelivered, exchange, routingKey);
            at += MethodWriter.WriteContentHeader(span[at..], channel, (ulong)body, properties);
            if (body > 0)
            {
                at += MethodWriter.WriteBody(span[at..], channel, message.Body);
            }

            output.Advance(at);
            return;
        }

        Span<byte> frame = output.GetSpan(method);
        output.Advance(MethodWriter.WriteDeliver(frame, channel, consumerTag, deliveryTag, redelivered, exchange, routingKey));
        WriteContent(output, frameMax, channel, message, properties);
    }

    /// <summary>Appends the content header and body frames.</summary>
    public static void WriteContent(
        OutputBuffer output,
        int frameMax,
        ushort channel,
        Message message,
        ReadOnlySpan<byte> properties)
    {
        int headerSize = HeaderFixed + properties.Length;
        if (headerSize <= Contiguous)
        {
            output.Advance(MethodWriter.WriteContentHeader(output.GetSpan(headerSize), channel, (ulong)message.BodyLength, properties));
        }
        else
        {
            byte[] header = new byte[headerSize];
            output.Append(header.AsSpan(0, MethodWriter.WriteContentHeader(header, channel, (ulong)message.BodyLength, properties)));
        }

        int bodyLength = message.BodyLength;
        Payload body = message.Payload.Slice(message.Length - bodyLength, bodyLength);
        int largest = frameMax - FrameReader.HeaderSize - 1;
        for (int offset = 0; offset < bodyLength;)
        {
            int part = Math.Min(largest, bodyLength - offset);
            output.Advance(MethodWriter.WriteBodyFrameHeader(output.GetSpan(FrameReader.HeaderSize), channel, part));
            if (part >= ByReference || bodyLength >= Large)
            {
                output.AppendShared(body.Slice(offset, part));
            }
            else
            {
                output.Append(body.Span.Slice(offset, part));
            }

            output.Append([FrameReader.FrameEnd]);
            offset += part;
        }
    }
}
