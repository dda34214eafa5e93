using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Warren.Buffers.Fields;
using Warren.Wire.Amqp091;
using Warren.Wire.Tests.Fields;

namespace Warren.Fuzz.Targets;

/// <summary>The content header reader, and what rewrites properties.</summary>
internal sealed class ContentHeaderTarget : FuzzTarget
{
    private static readonly FieldTable OtherHeaders = Table("x-death", FieldValue.Of(1));

    private readonly byte[] _echo = new byte[FuzzInput.MaxSize + 64];

    public ContentHeaderTarget()
    {
        var random = new Random(1);
        Corpus = [.. Enumerable.Range(0, 200).Select(_ => Header(random))];
    }

    public override string Name => "content-header";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        if (input.Length < ContentHeader.FixedSize + 2)
        {
            input.Set(random.Pick(Corpus));
            return;
        }

        Span<byte> flags = input.Bytes[ContentHeader.FixedSize..];
        switch (random.Next(4))
        {
            case 3:
                // headers first, with a length that is there, almost there, or wraps around
                flags[0] = (byte)(0x20 | (flags[0] & 0x1F));
                int edge = input.Length - ContentHeader.FixedSize - 6 - random.Next(5);
                Span<byte> length = stackalloc byte[4];
                BinaryPrimitives.WriteInt32BigEndian(length, random.Next(2) == 0 ? edge : random.Next(8) - 8);
                input.Insert(ContentHeader.FixedSize + 2, length);
                break;
            case 0:
                ushort flipped = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(flags) ^ (1 << random.Next(16)));
                BinaryPrimitives.WriteUInt16BigEndian(flags, flipped);
                break;
            case 1:
                // cluster-id comes last and is easily added
                flags[1] |= 4;
                input.Insert(input.Length, [2, 0xC3, 0xA9]);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(input.Bytes[4..], random.Next64());
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        long mark = Allocated;
        try
        {
            var header = ContentHeader.Read(input);
            FuzzFailure.ThrowUnless(Allocated == mark, "reading allocated");
            Accepted++;
            CheckWrittenBack(input, header);
            CheckValues(header.Basic);
            CheckRewriting(header.Properties);
        }
        catch (ConnectionError error)
        {
            CheckAllocation(mark, input.Length);
            FuzzFailure.ThrowUnless(
                error.Code is ReplyCode.FrameError or ReplyCode.SyntaxError or ReplyCode.UnexpectedFrame,
                $"undeclared error {error.WireText}");
        }
    }

    private void CheckWrittenBack(ReadOnlySpan<byte> input, ContentHeader header)
    {
        int length = MethodWriter.WriteContentHeader(_echo, 1, header.BodySize, header.Properties);
        ReadOnlySpan<byte> payload = _echo.AsSpan(FrameReader.HeaderSize, length - FrameReader.Overhead);
        FuzzFailure.ThrowUnless(payload.SequenceEqual(input), "written back to other bytes");
        _ = BasicProperties.OfChecked(header.Properties);
    }

    // Decoded into values and encoded again: the same bytes, if all texts are UTF-8 and the headers canonical.
    private static void CheckValues(BasicProperties properties)
    {
        bool canonical = PlainTableReader.IsValid(properties.Headers, out bool canonicalHeaders) && canonicalHeaders;
        var values = new BasicPropertyValues
        {
            ContentType = Text(properties, BasicProperty.ContentType, ref canonical),
            ContentEncoding = Text(properties, BasicProperty.ContentEncoding, ref canonical),
            Headers = properties.Has(BasicProperty.Headers) ? FieldTableReader.Read(properties.Headers) : null,
            DeliveryMode = properties.Has(BasicProperty.DeliveryMode) ? properties.DeliveryMode : null,
            Priority = properties.Has(BasicProperty.Priority) ? properties.Priority : null,
            CorrelationId = Text(properties, BasicProperty.CorrelationId, ref canonical),
            ReplyTo = Text(properties, BasicProperty.ReplyTo, ref canonical),
            Expiration = Text(properties, BasicProperty.Expiration, ref canonical),
            MessageId = Text(properties, BasicProperty.MessageId, ref canonical),
            Timestamp = properties.Has(BasicProperty.Timestamp) ? properties.Timestamp : null,
            Type = Text(properties, BasicProperty.Type, ref canonical),
            UserId = Text(properties, BasicProperty.UserId, ref canonical),
            AppId = Text(properties, BasicProperty.AppId, ref canonical),
            ClusterId = Text(properties, BasicProperty.ClusterId, ref canonical),
        };
        byte[] encoded = BasicPropertiesWriter.Write(values);
        _ = BasicProperties.Read(encoded);
        FuzzFailure.ThrowUnless(!canonical || properties.Encoded.SequenceEqual(encoded), "the values give other bytes");
    }

    private static void CheckRewriting(ReadOnlySpan<byte> encoded)
    {
        byte[] dead = BasicPropertiesWriter.Replace(encoded, OtherHeaders, keepExpiration: false);
        var rewritten = BasicProperties.Read(dead);
        FuzzFailure.ThrowUnless(!rewritten.Has(BasicProperty.Expiration), "the expiration is still there");
        FuzzFailure.ThrowUnless(
            FieldTableReader.TryFind(rewritten.Headers, "x-death"u8, out FieldValue one) && one == FieldValue.Of(1),
            "the headers were not replaced");

        byte[] reply = BasicPropertiesWriter.ReplaceReplyTo(encoded, "token"u8);
        var answered = BasicProperties.Read(reply);
        FuzzFailure.ThrowUnless(answered.ReplyTo.SequenceEqual("token"u8), "reply-to was not replaced");
        var original = BasicProperties.OfChecked(encoded);
        for (BasicProperty property = 0; property <= BasicProperty.ClusterId; property++)
        {
            bool kept = answered.Raw(property).SequenceEqual(original.Raw(property));
            FuzzFailure.ThrowUnless(kept || property == BasicProperty.ReplyTo, $"{property} was changed");
        }
    }

    private static string? Text(BasicProperties properties, BasicProperty property, ref bool canonical)
    {
        if (!properties.Has(property))
        {
            return null;
        }

        ReadOnlySpan<byte> text = properties.Raw(property)[1..];
        canonical &= Utf8.IsValid(text);
        return Encoding.UTF8.GetString(text);
    }

    private static byte[] Header(Random random)
    {
        string? Maybe(string text) => random.Next(2) == 0 ? text : null;
        byte[] properties = BasicPropertiesWriter.Write(new BasicPropertyValues
        {
            ContentType = Maybe("application/json"),
            ContentEncoding = Maybe("utf-8"),
            Headers = random.Next(2) == 0 ? RandomFields.Table(random, 2) : null,
            DeliveryMode = random.Next(2) == 0 ? (byte)random.Next(4) : null,
            Priority = random.Next(2) == 0 ? (byte)random.Next(256) : null,
            CorrelationId = Maybe("correlation"),
            ReplyTo = Maybe("amq.rabbitmq.reply-to"),
            Expiration = Maybe("60000"),
            MessageId = Maybe(string.Empty),
            Timestamp = random.Next(2) == 0 ? (ulong)random.NextInt64() : null,
            Type = Maybe("é"),
            UserId = Maybe("guest"),
            AppId = Maybe(new string('a', 255)),
            ClusterId = Maybe("c"),
        });
        byte[] payload = new byte[ContentHeader.FixedSize + properties.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, ContentHeader.BasicClass);
        BinaryPrimitives.WriteUInt64BigEndian(payload.AsSpan(4), (ulong)random.Next(1000));
        properties.CopyTo(payload, ContentHeader.FixedSize);
        return payload;
    }

    private static FieldTable Table(string name, FieldValue value)
    {
        var table = new FieldTable();
        table.Add(name, value);
        return table;
    }
}
