using System.Buffers.Binary;
using System.Text.Unicode;
using Warren.Core.Sessions;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What is to be published when the client is lost (MQTT 5.0, 3.1.2.5).</summary>
internal sealed class WillMessage
{
    private const int HeadSize = 7; // octets: version, QoS, retain; lengths of topic and properties
    private const byte LayoutVersion = 1;

    public WillMessage(in Will will)
    {
        Topic = will.Topic.ToArray();
        Payload = will.Payload.ToArray();
        QoS = will.QoS;
        Retain = will.Retain;
        DelaySeconds = will.Properties.Number(PropertyId.WillDelayInterval, 0);
        byte[] encoded = new byte[will.Properties.Encoded.Length];
        Properties = encoded[..will.Properties.CopyWithout(encoded, PropertyId.WillDelayInterval)];
    }

    private WillMessage(ReadOnlySpan<byte> content)
    {
        if (content[0] != LayoutVersion)
        {
            throw new InvalidDataException($"will of version {content[0]}; this broker reads version {LayoutVersion}");
        }

        QoS = (QoS)content[1];
        Retain = content[2] != 0;
        int topic = BinaryPrimitives.ReadUInt16LittleEndian(content[3..]);
        int properties = BinaryPrimitives.ReadUInt16LittleEndian(content[5..]);
        content = content[HeadSize..];
        Topic = content[..topic].ToArray();
        Properties = content.Slice(topic, properties).ToArray();
        Payload = content[(topic + properties)..].ToArray();
    }

    public byte[] Topic { get; }

    public byte[] Payload { get; }

    public QoS QoS { get; }

    public bool Retain { get; }

    public uint DelaySeconds { get; }

    /// <summary>The properties of the message, encoded.</summary>
    public byte[] Properties { get; }

    /// <summary>False: it says that it is text, and is not.</summary>
    public bool HasValidFormat =>
        Warren.Wire.Mqtt.Properties.OfChecked(Properties).Number(PropertyId.PayloadFormatIndicator, 0) != 1 || Utf8.IsValid(Payload);

    /// <summary>As the session keeps it.</summary>
    public SessionWill ToSession()
    {
        byte[] content = new byte[HeadSize + Topic.Length + Properties.Length + Payload.Length];
        content[0] = LayoutVersion;
        content[1] = (byte)QoS;
        content[2] = Retain ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(3), (ushort)Topic.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(5), checked((ushort)Properties.Length));
        Topic.CopyTo(content, HeadSize);
        Properties.CopyTo(content, HeadSize + Topic.Length);
        Payload.CopyTo(content, HeadSize + Topic.Length + Properties.Length);
        return new SessionWill(DelaySeconds, content);
    }

    /// <summary>As the session has kept it, but for the delay.</summary>
    /// <exception cref="InvalidDataException">It is of a newer version.</exception>
    public static WillMessage Of(SessionWill will) => new(will.Content);
}
