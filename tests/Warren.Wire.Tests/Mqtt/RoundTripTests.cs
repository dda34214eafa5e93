using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

/// <summary>Random packets: what is written is what is read.</summary>
public sealed class RoundTripTests
{
    private const int Seeds = 300;

    private static readonly ProtocolVersion[] Versions =
        [ProtocolVersion.Mqtt31, ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50];

    [Fact]
    public void Connect_is_read_as_it_was_written()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            ProtocolVersion version = random.GetItems(Versions, 1)[0];
            bool hasWill = random.Next(2) == 0;
            bool hasUserName = random.Next(2) == 0;
            Connect written = new()
            {
                Version = version,
                IsBridge = random.Next(4) == 0,
                CleanStart = random.Next(2) == 0,
                KeepAlive = (ushort)random.Next(65_536),
                ClientId = Text(random),
                HasWill = hasWill,
                Will = hasWill
                    ? new Will
                    {
                        Topic = Topic(random),
                        Payload = Bytes(random),
                        QoS = (QoS)random.Next(3),
                        Retain = random.Next(2) == 0,
                        Properties = RandomProperties(random, PropertyPlace.Will, version),
                    }
                    : default,
                HasUserName = hasUserName,
                UserName = hasUserName ? Text(random) : [],
                HasPassword = hasUserName,
                Password = hasUserName ? Bytes(random) : [],
                Properties = RandomProperties(random, PropertyPlace.Connect, version),
            };
            byte[] buffer = new byte[ClientPacketWriter.SizeOfConnect(written)];

            int length = ClientPacketWriter.WriteConnect(buffer, written);
            Connect read = Connect.Read(Whole(buffer.AsSpan(0, length), ProtocolVersion.None).Body);

            Assert.Equal(written.Version, read.Version);
            Assert.Equal(
                (written.IsBridge, written.CleanStart, written.KeepAlive, written.HasWill, written.HasUserName),
                (read.IsBridge, read.CleanStart, read.KeepAlive, read.HasWill, read.HasUserName));
            Assert.Equal((written.Will.QoS, written.Will.Retain), (read.Will.QoS, read.Will.Retain));
            Assert.Equal(written.ClientId, read.ClientId);
            Assert.Equal(written.UserName, read.UserName);
            Assert.Equal(written.Password, read.Password);
            Assert.Equal(written.Will.Topic, read.Will.Topic);
            Assert.Equal(written.Will.Payload, read.Will.Payload);
            Assert.Equal(written.Will.Properties.Encoded, read.Will.Properties.Encoded);
            Assert.Equal(written.Properties.Encoded, read.Properties.Encoded);
        }
    }

    [Fact]
    public void Publish_is_read_as_it_was_written()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            ProtocolVersion version = random.GetItems(Versions, 1)[0];
            var qos = (QoS)random.Next(3);
            byte[] payload = Bytes(random);
            Publish written = new()
            {
                Dup = qos != QoS.AtMostOnce && random.Next(2) == 0,
                QoS = qos,
                Retain = random.Next(2) == 0,
                Topic = Topic(random),
                PacketIdentifier = qos == QoS.AtMostOnce ? (ushort)0 : (ushort)random.Next(1, 65_536),
                Properties = RandomProperties(random, PropertyPlace.ServerPublish, version),
                PayloadLength = payload.Length,
            };
            byte[] buffer = new byte[4096];

            int head = PublishWriter.WriteHead(buffer, version, written, []);
            payload.CopyTo(buffer.AsSpan(head));
            Publish read = Publish.Read(
                Whole(buffer.AsSpan(0, head + payload.Length), version), version, PacketSender.Server);

            Assert.Equal(
                (written.Dup, written.QoS, written.Retain, written.PacketIdentifier),
                (read.Dup, read.QoS, read.Retain, read.PacketIdentifier));
            Assert.Equal(written.Topic, read.Topic);
            Assert.Equal(written.Properties.Encoded, read.Properties.Encoded);
            Assert.Equal(payload, read.Payload);
        }
    }

    [Fact]
    public void Subscribe_is_read_as_it_was_written()
    {
        byte[] buffer = new byte[200];
        foreach (ProtocolVersion version in Versions)
        {
            bool is50 = version == ProtocolVersion.Mqtt50;
            byte options = is50
                ? Subscription.PackOptions(QoS.ExactlyOnce, noLocal: true, retainAsPublished: true, RetainHandling.SendIfNew)
                : Subscription.PackOptions(QoS.ExactlyOnce);

            int one = ClientPacketWriter.WriteSubscribe(
                buffer, version, 77, new Subscription("a/+"u8, options), Hex.Bytes("0B 05"));
            Subscribe single = Subscribe.Read(Whole(buffer.AsSpan(0, one), version), version);

            Assert.Equal((77, 1, is50 ? 5 : 0), (single.PacketIdentifier, single.Count, single.SubscriptionIdentifier));
            foreach (Subscription subscription in single)
            {
                Assert.Equal("a/+"u8, subscription.Filter);
                Assert.Equal(QoS.ExactlyOnce, subscription.QoS);
                Assert.Equal((is50, is50), (subscription.NoLocal, subscription.RetainAsPublished));
                Assert.Equal(is50 ? RetainHandling.SendIfNew : RetainHandling.Send, subscription.RetainHandling);
            }

            int two = ClientPacketWriter.WriteSubscribe(buffer, version, 78, ["a"u8.ToArray(), "b/#"u8.ToArray()], options);
            Subscribe several = Subscribe.Read(Whole(buffer.AsSpan(0, two), version), version);
            string seen = string.Empty;
            foreach (Subscription subscription in several)
            {
                seen += Encoding.UTF8.GetString(subscription.Filter) + ' ' + subscription.Options + ' ';
            }

            Assert.Equal($"a {options} b/# {options} ", seen);
        }
    }

    [Fact]
    public void Unsubscribe_is_read_as_it_was_written()
    {
        byte[] buffer = new byte[200];
        foreach (ProtocolVersion version in Versions)
        {
            int length = ClientPacketWriter.WriteUnsubscribe(
                buffer, version, 79, ["a"u8.ToArray(), "b/#"u8.ToArray()], Hex.Bytes("26 0000 0000"));
            Unsubscribe read = Unsubscribe.Read(Whole(buffer.AsSpan(0, length), version), version);
            string seen = string.Empty;
            foreach (ReadOnlySpan<byte> filter in read)
            {
                seen += Encoding.UTF8.GetString(filter) + ' ';
            }

            Assert.Equal((79, 2), (read.PacketIdentifier, read.Count));
            Assert.Equal("a b/# ", seen);
        }
    }

    private static Packet Whole(ReadOnlySpan<byte> bytes, ProtocolVersion version)
    {
        Assert.True(PacketReader.TryRead(ref bytes, version, PacketReader.MaxPacketSize, out Packet packet));
        Assert.True(bytes.IsEmpty);
        return packet;
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(4) == 0 ? random.Next(300) : random.Next(5)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Text(Random random) => Encoding.UTF8.GetBytes(
        string.Concat(random.GetItems(new[] { "a", "B", "1", "é", "€", "\U00010348", "/", " " }, random.Next(40))));

    private static byte[] Topic(Random random) => [(byte)'t', .. Text(random)];

    // Each allowed property once or not at all, in any order.
    private static Properties RandomProperties(Random random, PropertyPlace place, ProtocolVersion version)
    {
        if (version != ProtocolVersion.Mqtt50)
        {
            return default;
        }

        PropertyId[] ids =
        [
            .. Enum.GetValues<PropertyId>().Where(id => (PropertyRules.PlacesOf(id) & place) != 0
                && id != PropertyId.AuthenticationData && random.Next(2) == 0),
        ];
        random.Shuffle(ids);
        var writer = new PropertyWriter(new byte[1024]);
        foreach (PropertyId id in ids)
        {
            switch (PropertyRules.TypeOf(id))
            {
                case PropertyType.Text or PropertyType.Binary:
                    writer.Text(id, Topic(random));
                    break;
                case PropertyType.TextPair:
                    writer.User(Topic(random), Topic(random));
                    break;
                default:
                    writer.Number(id, PropertyRules.TypeOf(id) == PropertyType.Byte ? 1 : (uint)random.Next(1, 65_536));
                    break;
            }
        }

        return Properties.OfChecked(writer.Written);
    }
}
