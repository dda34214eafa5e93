using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

[Spec("MQTT50-2.2.2")]
public sealed class PropertiesTests
{
    private static readonly byte[] Message = Hex.Bytes(
        "01 01  26 0001 6B 0001 76  02 0000003C  23 0007  26 0001 6B 0001 77  09 0002 00FF  03 0001 63");

    [Fact]
    public void Values_are_found_by_their_identifier()
    {
        Properties properties = Properties.Read(Message, PacketType.Publish, PropertyPlace.Publish);

        Assert.Equal(1u, properties.Number(PropertyId.PayloadFormatIndicator, 0));
        Assert.Equal(60u, properties.Number(PropertyId.MessageExpiryInterval, 0));
        Assert.Equal(7u, properties.Number(PropertyId.TopicAlias, 0));
        Assert.Equal(Hex.Bytes("00FF"), properties.Value(PropertyId.CorrelationData));
        Assert.Equal("c"u8, properties.Value(PropertyId.ContentType));
        Assert.False(properties.Has(PropertyId.ResponseTopic));
        Assert.True(properties.Value(PropertyId.ResponseTopic).IsEmpty);
        Assert.Equal(5u, properties.Number(PropertyId.SubscriptionIdentifier, 5));
    }

    [Fact]
    [Spec("MQTT-3.3.2-18")]
    public void User_properties_come_in_their_order()
    {
        Properties properties = Properties.Read(Message, PacketType.Publish, PropertyPlace.Publish);
        string seen = string.Empty;

        foreach (Property property in properties)
        {
            seen += property.Id == PropertyId.UserProperty
                ? $"{(char)property.Name[0]}={(char)property.Value[0]} "
                : $"{property.Id} ";
        }

        Assert.Equal(
            "PayloadFormatIndicator k=v MessageExpiryInterval TopicAlias k=w CorrelationData ContentType ", seen);
    }

    [Fact]
    public void What_is_sent_anew_is_left_out_of_the_copy()
    {
        Properties properties = Properties.OfChecked(Message);
        byte[] copy = new byte[Message.Length];

        int length = properties.CopyWithout(copy, PropertyId.TopicAlias, PropertyId.MessageExpiryInterval);

        Assert.Equal(
            Hex.Bytes("01 01  26 0001 6B 0001 76  26 0001 6B 0001 77  09 0002 00FF  03 0001 63"), copy[..length]);
        Assert.Equal(Message.Length, properties.CopyWithout(copy, PropertyId.ResponseTopic));
        Assert.Equal(Message, copy);
    }

    [Fact]
    public void User_properties_are_bounded_in_number()
    {
        byte[] most = [.. Enumerable.Repeat(Hex.Bytes("26 0000 0000"), Properties.MaxUserProperties).SelectMany(b => b)];
        byte[] tooMany = [.. most, .. Hex.Bytes("26 0000 0000")];

        Assert.Equal(most.Length, Properties.Read(most, PacketType.Publish, PropertyPlace.Publish).Encoded.Length);
        PacketError error = Assert.Throws<PacketError>(
            () => Properties.Read(tooMany, PacketType.Publish, PropertyPlace.Publish));
        Assert.Equal(ReasonCode.QuotaExceeded, error.Code);
    }

    [Theory]
    [InlineData(PropertyPlace.Connect, "11 15 16 17 19 21 22 26 27")]
    [InlineData(PropertyPlace.Will, "01 02 03 08 09 18 26")]
    [InlineData(PropertyPlace.ConnAck, "11 12 13 15 16 1A 1C 1F 21 22 24 25 26 27 28 29 2A")]
    [InlineData(PropertyPlace.Publish, "01 02 03 08 09 0B 23 26")]
    [InlineData(PropertyPlace.ServerPublish, "01 02 03 08 09 0B 23 26")]
    [InlineData(PropertyPlace.Acknowledgement, "1F 26")]
    [InlineData(PropertyPlace.Subscribe, "0B 26")]
    [InlineData(PropertyPlace.Unsubscribe, "26")]
    [InlineData(PropertyPlace.Disconnect, "11 1C 1F 26")]
    [InlineData(PropertyPlace.ServerDisconnect, "11 1C 1F 26")]
    [InlineData(PropertyPlace.Auth, "15 16 1F 26")]
    public void Each_packet_has_the_properties_of_the_specification_s_table(PropertyPlace place, string identifiers)
    {
        IEnumerable<byte> allowed = Enumerable.Range(0, 256)
            .Where(id => (PropertyRules.PlacesOf((PropertyId)id) & place) != 0)
            .Select(id => (byte)id);

        Assert.Equal(Hex.Bytes(identifiers), allowed);
    }

    [Fact]
    public void Every_property_has_a_type_and_a_place()
    {
        foreach (PropertyId id in Enum.GetValues<PropertyId>())
        {
            Assert.Equal(id == PropertyId.None, PropertyRules.TypeOf(id) == PropertyType.Unknown);
            Assert.Equal(id == PropertyId.None, PropertyRules.PlacesOf(id) == PropertyPlace.None);
        }
    }

    [Fact]
    public void What_the_writer_wrote_is_what_was_meant()
    {
        var writer = new PropertyWriter(new byte[100]);
        writer.Number(PropertyId.PayloadFormatIndicator, 1);
        writer.User("k"u8, "v"u8);
        writer.Number(PropertyId.MessageExpiryInterval, 60);
        writer.Number(PropertyId.TopicAlias, 7);
        writer.Encoded(Hex.Bytes("26 0001 6B 0001 77"));
        writer.Text(PropertyId.CorrelationData, Hex.Bytes("00FF"));
        writer.Text(PropertyId.ContentType, "c");

        Assert.Equal(Message, writer.Written);
    }
}
