using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>Packets that end a connection, and only that one (MQTT 5.0, 4.13; MQTT 3.1.1, 4.8), and clients that mean harm.</summary>
public sealed class ProtocolErrorTests : IDisposable
{
    private readonly MqttBroker _broker = new();
    private readonly MqttClient _bystander;

    public ProtocolErrorTests()
    {
        _bystander = _broker.Connect("bystander");
        _bystander.Subscribe("#", 0);
    }

    public void Dispose()
    {
        Assert.Empty(_bystander.ReceiveUntilPing());
        _broker.Dispose();
    }

    [Theory]
    [InlineData("36 08 0001 61 0001 00 6869", "81")] // QoS 3
    [InlineData("38 06 0001 61 00 6869", "81")] // DUP with QoS 0
    [InlineData("32 08 0001 61 0000 00 6869", "82")] // identifier 0
    [InlineData("30 07 0003 612F23 00 68", "8[12]|90")] // wildcard in a topic
    [InlineData("30 04 0000 00 68", "82")] // no topic and no alias
    [InlineData("30 07 0001 61 03 23 0000", "94")] // alias 0
    [InlineData("30 80 80 80 80 01", "81")] // five bytes of length
    [InlineData("30 05 0003 6100 62", "81")] // U+0000 or cut off
    [InlineData("82 05 0001 00 0000", "81")] // filter cut off
    [InlineData("82 03 0001 00", "82")] // no filter
    [InlineData("82 07 0001 00 0001 61 03", "8[12]")] // QoS 3
    [InlineData("82 07 0001 00 0001 61 30", "8[12]")] // retain handling 3
    [InlineData("82 07 0001 00 0001 61 40", "81")] // reserved option
    [InlineData("82 07 0000 00 0001 61 00", "82")] // identifier 0
    [InlineData("82 09 0001 02 0B00 0001 61 00", "82")] // subscription identifier 0
    [InlineData("80 07 0001 00 0001 61 00", "81")] // wrong flags
    [InlineData("A2 03 0001 00", "82")] // no filter
    [InlineData("A0 06 0001 00 0001 61", "81")]
    [InlineData("60 02 0001", "81")]
    [InlineData("62 02 0000", "82")]
    [InlineData("C1 00", "81")]
    [InlineData("C0 01 00", "81")]
    [InlineData("E1 00", "81")]
    [InlineData("E0 01 10", "82")] // a reason that is none
    [InlineData("20 03 00 00 00", "82")] // CONNACK from a client
    [InlineData("90 04 0001 00 00", "82")] // SUBACK from a client
    [InlineData("B0 04 0001 00 00", "82")]
    [InlineData("D0 00", "82")] // PINGRESP from a client
    [InlineData("00 00", "81")]
    [InlineData("F1 00", "81")]
    [InlineData("40 03 0001 55", "82")] // a reason that is none
    [Spec("MQTT-2.1.3-1")]
    [Spec("MQTT-2.2.1-3")]
    [Spec("MQTT-3.3.1-4")]
    [Spec("MQTT-3.3.2-2")]
    [Spec("MQTT-3.8.3-2")]
    [Spec("MQTT-3.8.3-5")]
    [Spec("MQTT-3.14.1-1")]
    [Spec("MQTT-3.14.2-1")]
    [Spec("MQTT-3.14.4-1")]
    [Spec("MQTT-3.14.4-2")]
    [Spec("MQTT-4.13.1-1")]
    [Spec("MQTT-4.13.2-1")]
    public void Packet_that_is_wrong_is_told_so_and_ends_the_connection(string packet, string code)
    {
        MqttClient client = _broker.Connect("c");

        client.SendHex(packet + " 30 04 0001 61 00"); // what follows is not looked at

        Assert.Matches($"^DISCONNECT ({code}) why$", client.Receive());
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Theory]
    [InlineData("36 07 0001 61 0001 6869")]
    [InlineData("38 05 0001 61 6869")]
    [InlineData("32 07 0001 61 0000 6869")]
    [InlineData("30 05 0003 612F23")]
    [InlineData("30 02 0000")]
    [InlineData("30 80 80 80 80 01")]
    [InlineData("82 02 0001")]
    [InlineData("82 06 0001 0001 61 03")]
    [InlineData("82 06 0001 0001 61 04")]
    [InlineData("80 06 0001 0001 61 00")]
    [InlineData("A2 02 0001")]
    [InlineData("60 02 0001")]
    [InlineData("C1 00")]
    [InlineData("E1 00")]
    [InlineData("20 02 00 00")]
    [InlineData("90 03 0001 00")]
    [InlineData("D0 00")]
    [InlineData("F0 00")]
    [InlineData("00 00")]
    [Spec("MQTT-2.2.2-2")]
    [Spec("MQTT-2.3.1-1")]
    [Spec("MQTT-3.3.1-4")]
    [Spec("MQTT-3.3.2-2")]
    [Spec("MQTT-3.8.3-3")]
    [Spec("MQTT-3-8.3-4")]
    [Spec("MQTT-3.14.1-1")]
    [Spec("MQTT-4.8.0-1")]
    public void Packet_that_is_wrong_ends_the_connection_of_an_older_client_without_a_word(string packet)
    {
        MqttClient client = _broker.Connect311("c");

        client.SendHex(packet + " 30 03 0001 61");

        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    public void Nothing_is_read_after_a_disconnect()
    {
        MqttClient client = _broker.Connect("c");

        client.SendHex("E0 00 30 04 0001 61 00");

        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    public void Packets_cut_anywhere_are_put_together()
    {
        MqttClient client = _broker.Connect("c");
        byte[] packets = Convert.FromHexString("8207000100000178" + "02" + "C000" + "340700017800090068" + "62020009");

        foreach (byte one in packets)
        {
            client.Send([one]);
        }

        Assert.Equal(
            ["PINGRESP", "PUBCOMP 9", "PUBLISH q2 #1 x 'h'", "PUBREC 9", "SUBACK 1 02"],
            client.Receive(5).Order(StringComparer.Ordinal));
        Assert.Equal("PUBLISH q0 x 'h'", _bystander.Receive());
    }

    [Fact]
    public void Reason_strings_are_left_out_when_the_packet_would_be_too_large()
    {
        MqttClient client = _broker.Connect("c", properties: Props.Of(PropertyId.MaximumPacketSize, 20));

        client.SendHex("00 00");

        Assert.Equal(["DISCONNECT 81", MqttClient.Closed], client.Receive(2));
    }

    // ---- clients that mean harm ---------------------------------------------------------------------------------

    [Theory]
    [InlineData("30 FF FF FF 7F 0001 61")] // PUBLISH of 256 MB
    [InlineData("40 02 0001")]
    [InlineData("10 FF FF FF 7F 0004 4D515454")] // CONNECT of 256 MB
    [InlineData("10 81 80 04")] // one byte more than 64 KiB may have
    public void Stranger_with_a_large_or_a_wrong_first_packet_is_closed_and_nothing_is_read(string bytes)
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        client.SendHex(bytes);

        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Theory]
    [InlineData("30 80 80 80 80 01 10 0E 0004 4D515454 05 02 003C 00 0001 63")]
    [InlineData("C0 80 00 30 04 0001 61 00")]
    public void Bytes_behind_a_length_that_is_none_are_not_taken_for_a_packet(string bytes)
    {
        MqttClient stranger = _broker.Open(ProtocolVersion.Mqtt50);
        stranger.SendHex(bytes);
        Assert.Equal(MqttClient.Closed, stranger.Receive());

        MqttClient client = _broker.Connect("c");
        client.SendHex(bytes);
        Assert.Equal(["DISCONNECT 81 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    public void Connect_with_too_many_user_properties_is_refused()
    {
        var properties = new Props();
        for (int i = 0; i < 13_000; i++)
        {
            properties.AndUser("", "");
        }

        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        Assert.Matches("^CONNACK 97", client.Connect("c", properties: properties));
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    public void Same_number_again_and_again_without_release_takes_one_place()
    {
        MqttClient client = _broker.Connect50("c");
        for (int i = 0; i < 20_000; i++)
        {
            client.Publish("x", "h", 2, 7, dup: true);
        }

        Assert.All(client.Receive(1).Concat(client.Receive(19_999)), p => Assert.StartsWith("PUBREC 7", p, StringComparison.Ordinal));
        Assert.Equal(1, _broker.VirtualHost.Sessions.Find("c")!.ReceivedCount);
        Assert.Equal("PUBLISH q0 x 'h'", _bystander.Receive());
        client.Acknowledge(PacketType.PubRel, 8);
        Assert.Equal("PUBCOMP 8 92", client.Receive());
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, "CONNACK 05")]
    [InlineData(ProtocolVersion.Mqtt50, "CONNACK 87 why")]
    public void Session_of_another_user_is_not_to_be_had(ProtocolVersion version, string expected)
    {
        _broker.Broker.Users.Add("eve", "eve", []);
        _broker.Broker.Users.SetPermissions("eve", "/", ".*", ".*", ".*");
        MqttClient owner = _broker.Connect50("c");
        owner.Subscribe("mine", 1);

        MqttClient thief = _broker.Open(version);

        Assert.StartsWith(expected.Split(" why")[0], thief.Connect("c", user: "eve", password: "eve"), StringComparison.Ordinal);
        Assert.Equal(MqttClient.Closed, thief.Receive());
        Assert.Empty(owner.ReceiveUntilPing());
        owner.Drop();
        MqttClient later = _broker.Open(version);
        Assert.StartsWith(expected.Split(" why")[0], later.Connect("c", user: "eve", password: "eve"), StringComparison.Ordinal);
        Assert.True(_broker.Connect50("c").IsSessionPresent);
    }

    [Fact]
    public void Hundred_takeovers_in_a_row_leave_one_session_and_one_connection()
    {
        MqttClient? last = null;
        for (int i = 0; i < 100; i++)
        {
            MqttClient next = _broker.Connect50("c");
            next.Subscribe($"t/{i}", 1);
            if (last is not null)
            {
                Assert.Equal("DISCONNECT 8E why", last.Receive());
                last.Drop();
            }

            last = next;
        }

        Assert.Equal(100, _broker.VirtualHost.Sessions.Find("c")!.Subscriptions.Count);
        Assert.Equal(2, _broker.Broker.Connections.Count);
        Assert.Empty(last!.ReceiveUntilPing());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("#")]
    [InlineData("+")]
    [InlineData("%c")]
    [InlineData("..")]
    [InlineData("../../x")]
    [InlineData("{client_id}")]
    [InlineData("x.*")]
    [InlineData("(.*)")]
    [InlineData("[a-z]-")]
    public void Client_id_is_taken_literally_in_rights_and_sessions(string clientId)
    {
        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", "^own\\.{client_id}$", ".*");
        MqttClient client = _broker.Connect(clientId, cleanStart: false, Props.Of(PropertyId.SessionExpiryInterval, 60));
        MqttClient sneak = _broker.Connect(clientId + "2");

        Assert.Equal("01", client.Subscribe("private", 1));
        sneak.Publish("own/anything", "x", 1, 1);
        Assert.Equal("DISCONNECT 87 why", sneak.Receive());
        client.Drop();
        Assert.True(_broker.Connect50(clientId).IsSessionPresent);
    }

    [Fact]
    public void User_name_is_taken_literally_in_rights()
    {
        _broker.Broker.Users.Add("a.c", "x", []);
        _broker.Broker.Users.SetPermissions("a.c", "/", ".*", ".*", ".*");
        _broker.Broker.Users.SetTopicPermissions("a.c", "/", "amq.topic", "^{username}$", ".*");
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        client.Connect("c", user: "a.c", password: "x");

        client.Publish("abc", "x", 1, 1); // as a pattern the name would take it in

        Assert.Equal(["DISCONNECT 87 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    public void Share_of_everything_needs_the_right_to_everything_and_brings_nothing_of_the_server()
    {
        MqttClient client = _broker.Connect("c");
        Assert.Equal("00 00", client.SubscribeAll(0, "$share/g/#", "#"));
        Assert.Empty(client.ReceiveUntilPing()); // $SYS is retained

        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", ".*", "^open");
        MqttClient other = _broker.Connect("other");
        Assert.Equal("87 87 00", other.SubscribeAll(0, "$share/g/#", "#", "$share/g/open/#"));
    }

    [Fact]
    public void Subscription_whose_right_was_taken_away_brings_nothing_more()
    {
        MqttClient client = _broker.Connect("c");
        client.SubscribeAll(0, "secret/#", "open/#");

        _broker.Broker.Users.SetTopicPermissions("guest", "/", "amq.topic", ".*", "^(open|#)");
        _broker.Advance(2);
        MqttClient publisher = _broker.Connect("publisher");
        publisher.PublishAcknowledged("secret/a", "x");
        publisher.PublishAcknowledged("open/a", "y");

        Assert.Equal("PUBLISH q0 open/a 'y'", client.Receive());
        _bystander.ReceiveUntilPing();
    }
}
