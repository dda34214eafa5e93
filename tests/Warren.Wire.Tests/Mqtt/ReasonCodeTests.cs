using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

public sealed class ReasonCodeTests
{
    [Theory]
    [InlineData(ReasonCode.Success, ConnectReturnCode.Accepted)]
    [InlineData(ReasonCode.UnsupportedProtocolVersion, ConnectReturnCode.UnacceptableProtocolVersion)]
    [InlineData(ReasonCode.ClientIdentifierNotValid, ConnectReturnCode.IdentifierRejected)]
    [InlineData(ReasonCode.BadUserNameOrPassword, ConnectReturnCode.BadUserNameOrPassword)]
    [InlineData(ReasonCode.NotAuthorized, ConnectReturnCode.NotAuthorized)]
    [InlineData(ReasonCode.QuotaExceeded, ConnectReturnCode.NotAuthorized)]
    [InlineData(ReasonCode.ServerUnavailable, ConnectReturnCode.ServerUnavailable)]
    [InlineData(ReasonCode.ServerBusy, ConnectReturnCode.ServerUnavailable)]
    public void Older_clients_get_the_nearest_return_code(ReasonCode reason, ConnectReturnCode code)
    {
        Assert.Equal(code, reason.ToReturnCode());
    }

    [Theory]
    [InlineData(PacketType.ConnAck, "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F")]
    [InlineData(PacketType.PubAck, "00 10 80 83 87 90 91 97 99")]
    [InlineData(PacketType.PubRec, "00 10 80 83 87 90 91 97 99")]
    [InlineData(PacketType.PubRel, "00 92")]
    [InlineData(PacketType.PubComp, "00 92")]
    [InlineData(PacketType.SubAck, "00 01 02 80 83 87 8F 91 97 9E A1 A2")]
    [InlineData(PacketType.UnsubAck, "00 11 80 83 87 8F 91")]
    [InlineData(PacketType.Disconnect, "00 04 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2")]
    [InlineData(PacketType.Auth, "00 18 19")]
    [InlineData(PacketType.Publish, "")]
    public void Each_packet_has_the_codes_the_specification_lists(PacketType packet, string codes)
    {
        Assert.Equal(
            Hex.Bytes(codes),
            Enumerable.Range(0, 256).Where(c => ((ReasonCode)c).IsAllowedIn(packet)).Select(c => (byte)c));
    }
}
