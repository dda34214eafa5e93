using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

[Spec("MQTT-3.1.2-1")]
[Spec("MQTT-3.1.2-2")]
public sealed class ConnectTests
{
    [Fact]
    [Spec("MQTT-3.1.3-1")]
    public void Every_field_comes_from_its_place()
    {
        byte[] body = Hex.Bytes(
            "0004 4D515454 05 F6 003C 05 11 00000E10 0002 6964 05 18 00000005 0001 77 0002 6D67 0001 75 0002 0070");

        Connect connect = Connect.Read(body);

        Assert.Equal(ProtocolVersion.Mqtt50, connect.Version);
        Assert.True(connect.CleanStart && connect.HasWill && connect.HasUserName && connect.HasPassword);
        Assert.False(connect.IsBridge);
        Assert.Equal(60, connect.KeepAlive);
        Assert.Equal(3600u, connect.SessionExpiryInterval);
        Assert.Equal("id"u8, connect.ClientId);
        Assert.Equal("w"u8, connect.Will.Topic);
        Assert.Equal("mg"u8, connect.Will.Payload);
        Assert.Equal(QoS.ExactlyOnce, connect.Will.QoS);
        Assert.True(connect.Will.Retain);
        Assert.Equal(5u, connect.Will.Properties.Number(PropertyId.WillDelayInterval, 0));
        Assert.Equal("u"u8, connect.UserName);
        Assert.Equal("\0p"u8, connect.Password);
    }

    [Theory]
    [InlineData("0004 4D515454 04 00 003C 0001 63", uint.MaxValue)]
    [InlineData("0004 4D515454 04 02 003C 0001 63", 0)]
    [InlineData("0004 4D515454 05 00 003C 00 0001 63", 0)]
    public void An_older_session_that_is_not_clean_never_expires(string body, uint seconds)
    {
        Assert.Equal(seconds, Connect.Read(Hex.Bytes(body)).SessionExpiryInterval);
    }

    [Theory]
    [InlineData("0004 4D515454 06 02 003C 0001 63", ProtocolVersion.Mqtt50)]
    [InlineData("0004 4D515454 02 02 003C 0001 63", ProtocolVersion.Mqtt311)]
    [InlineData("0004 4D515454 03 02 003C 0001 63", ProtocolVersion.Mqtt311)]
    [InlineData("0006 4D5149736470 04 02 003C 0001 63", ProtocolVersion.Mqtt31)]
    public void An_unknown_level_is_answered_in_a_form_the_client_may_read(string body, ProtocolVersion version)
    {
        PacketError error = Refused(body);

        Assert.Equal(ReasonCode.UnsupportedProtocolVersion, error.Code);
        Assert.Equal(version, error.Version);
    }

    [Fact]
    [Spec("MQTT-3.1.4-1")]
    public void A_malformed_connect_is_answered_in_5_0_only()
    {
        Assert.Equal(ProtocolVersion.Mqtt50, Refused("0004 4D515454 05 03 003C 00 0001 63").Version);
        Assert.Equal(ProtocolVersion.None, Refused("0004 4D515454 04 03 003C 0001 63").Version);
        Assert.Equal(ProtocolVersion.None, Refused("0004 48545450 05 03 003C 00 0001 63").Version);
    }

    [Fact]
    public void The_bridge_bit_is_taken_off_the_level()
    {
        Connect connect = Connect.Read(Hex.Bytes("0004 4D515454 84 02 003C 0001 63"));

        Assert.True(connect.IsBridge);
        Assert.Equal(ProtocolVersion.Mqtt311, connect.Version);
    }

    private static PacketError Refused(string body) => Assert.Throws<PacketError>(() => Connect.Read(Hex.Bytes(body)));
}
