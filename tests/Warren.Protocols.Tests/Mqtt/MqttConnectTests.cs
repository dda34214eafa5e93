using Warren.Protocols.Mqtt;
using Warren.Protocols.Tests.Mqtt.InMemory;
using Warren.Wire.Mqtt;
using Warren.Wire.Tests;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>CONNECT and CONNACK (MQTT 5.0 and 3.1.1, 3.1 and 3.2).</summary>
public sealed class MqttConnectTests : IDisposable
{
    private readonly MqttBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31, "CONNACK 00")]
    [InlineData(ProtocolVersion.Mqtt311, "CONNACK 00")]
    [InlineData(ProtocolVersion.Mqtt50, "CONNACK 00 MaximumPacketSize=16777216 TopicAliasMaximum=16")]
    [Spec("MQTT-3.1.4-4")]
    [Spec("MQTT-3.1.4-5")]
    [Spec("MQTT-3.2.0-1")]
    public void Connect_is_answered_with_one_connack_before_anything_else(ProtocolVersion version, string expected)
    {
        MqttClient client = _broker.Open(version);

        Assert.Equal(expected, client.Connect("c"));
        Assert.Empty(client.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.2.0-1")]
    public void What_comes_right_behind_connect_waits_for_connack()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt311);
        client.SendConnect("c");
        client.SendSubscribe("a", 1);
        client.Publish("a", "x", 1, 9);

        Assert.Equal("CONNACK 00", client.Receive());
        Assert.Equal("SUBACK 1 01", client.Receive());
        Assert.Equal(["PUBACK 9", "PUBLISH q1 #1 a 'x'"], client.Receive(2).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, "10 0D 0004 4D515454 03 02 003C 0001 63", "CONNACK 01")]
    [InlineData(ProtocolVersion.Mqtt311, "10 0F 0006 4D5149736470 04 02 003C 0001 63", "CONNACK 01")]
    [InlineData(ProtocolVersion.Mqtt50, "10 0E 0004 4D515454 06 02 003C 00 0001 63", "CONNACK 84 why")]
    [Spec("MQTT-3.1.2-2")]
    public void Unknown_version_is_refused_in_words_the_client_may_know(ProtocolVersion version, string connect, string expected)
    {
        MqttClient client = _broker.Open(version);

        client.SendHex(connect);

        Assert.Equal([expected, MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    [Spec("MQTT-3.1.2-1")]
    public void Wrong_protocol_name_is_closed_without_a_word()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        client.SendHex("10 0E 0004 48545450 05 02 003C 00 0001 63");

        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Theory]
    [InlineData("10 0E 0004 4D515454 05 03 003C 00 0001 63")] // reserved flag
    [InlineData("10 0E 0004 4D515454 05 1E 003C 00 0001 63")] // will QoS 3
    [InlineData("10 0E 0004 4D515454 05 0A 003C 00 0001 63")] // will QoS without will
    [InlineData("10 0E 0004 4D515454 05 22 003C 00 0001 63")] // will retain without will
    [InlineData("10 0E 0004 4D515454 05 82 003C 00 0001 63")] // no user name where one is announced
    [InlineData("10 10 0004 4D515454 05 02 003C 00 0001 63 0000")] // bytes left over
    [InlineData("10 0E 0004 4D515454 05 02 003C 00 0001 FF")] // client id not UTF-8
    [InlineData("10 13 0004 4D515454 05 02 003C 05 27 00000000 0001 63")] // maximum packet size 0
    [InlineData("10 11 0004 4D515454 05 02 003C 03 21 0000 0001 63")] // receive maximum 0
    [Spec("MQTT-3.1.2-3")]
    [Spec("MQTT-3.1.4-1")]
    [Spec("MQTT-3.2.2-6")]
    [Spec("MQTT-3.2.2-7")]
    public void Malformed_connect_of_5_0_is_told_so_and_closed(string connect)
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        client.SendHex(connect);

        Assert.Matches("^CONNACK 8[12] why$", client.Receive());
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Theory]
    [InlineData("10 0D 0004 4D515454 04 03 003C 0001 63")]
    [InlineData("10 0D 0004 4D515454 04 1E 003C 0001 63")]
    [InlineData("10 0D 0004 4D515454 04 0A 003C 0001 63")]
    [InlineData("10 0D 0004 4D515454 04 42 003C 0001 63")] // a password without user name
    [InlineData("10 0C 0004 4D515454 04 02 003C 0002 63")]
    [Spec("MQTT-3.1.2-3")]
    [Spec("MQTT-3.1.2-22")]
    [Spec("MQTT-3.1.4-1")]
    [Spec("MQTT-3.2.2-6")]
    public void Malformed_connect_of_3_1_1_is_closed_without_connack(string connect)
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt311);

        client.SendHex(connect);

        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31)]
    [InlineData(ProtocolVersion.Mqtt311)]
    [Spec("MQTT-3.1.3-8")]
    [Spec("MQTT-3.1.3-9")]
    [Spec("MQTT-3.2.2-5")]
    public void Empty_client_id_with_a_kept_session_is_refused_before_5_0(ProtocolVersion version)
    {
        MqttClient client = _broker.Open(version);

        Assert.Equal("CONNACK 02", client.Connect("", cleanStart: false));
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.3-6")]
    public void Empty_client_id_with_a_clean_session_gets_one_of_its_own()
    {
        MqttClient first = _broker.Open(ProtocolVersion.Mqtt311);
        MqttClient second = _broker.Open(ProtocolVersion.Mqtt311);

        Assert.Equal("CONNACK 00", first.Connect(""));
        Assert.Equal("CONNACK 00", second.Connect(""));
        Assert.Empty(first.ReceiveUntilPing());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Spec("MQTT-3.1.3-6")]
    [Spec("MQTT-3.1.3-7")]
    [Spec("MQTT-3.2.2-16")]
    public void Client_of_5_0_is_told_the_id_it_was_given_and_can_come_back_with_it(bool cleanStart)
    {
        MqttClient first = _broker.Open(ProtocolVersion.Mqtt50);
        MqttClient second = _broker.Open(ProtocolVersion.Mqtt50);
        string one = AssignedBy(first.Connect("", cleanStart, Props.Of(PropertyId.SessionExpiryInterval, 100)));
        string two = AssignedBy(second.Connect("", cleanStart));

        Assert.NotEqual(one, two);
        first.Drop();
        Assert.StartsWith("CONNACK 00 present", _broker.Open(ProtocolVersion.Mqtt50)
            .Connect(one, cleanStart: false, Props.Of(PropertyId.SessionExpiryInterval, 100)), StringComparison.Ordinal);

        static string AssignedBy(string connAck) => Assert.Single(
            connAck.Split(' '), p => p.StartsWith("AssignedClientIdentifier=", StringComparison.Ordinal)).Split('=')[1];
    }

    [Theory]
    [InlineData("0")]
    [InlineData("abcdefghijklmnopqrstuvw")]
    [InlineData("XYZ0123456789")]
    [InlineData("a name of its own/with#every+thing%c..ü")]
    [Spec("MQTT-3.1.3-5")]
    public void Client_ids_of_any_kind_are_taken(string clientId)
    {
        Assert.Equal("CONNACK 00", _broker.Open(ProtocolVersion.Mqtt311).Connect(clientId));
    }

    [Fact]
    [Spec("MQTT-3.1.3-2")]
    public void Client_id_of_many_kilobytes_has_its_own_session()
    {
        string name = new('x', 60_000);
        Assert.StartsWith("CONNACK 00 ", _broker.Connect50(name, 100).Connack, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt31, "guest", "wrong", "CONNACK 04")]
    [InlineData(ProtocolVersion.Mqtt311, "guest", "wrong", "CONNACK 04")]
    [InlineData(ProtocolVersion.Mqtt311, "guest", null, "CONNACK 04")]
    [InlineData(ProtocolVersion.Mqtt311, null, null, "CONNACK 04")]
    [InlineData(ProtocolVersion.Mqtt311, "nowhere:guest", "guest", "CONNACK 04")]
    [InlineData(ProtocolVersion.Mqtt50, "guest", "wrong", "CONNACK 86")]
    [InlineData(ProtocolVersion.Mqtt50, null, "guest", "CONNACK 86")]
    [InlineData(ProtocolVersion.Mqtt50, null, null, "CONNACK 86")]
    [InlineData(ProtocolVersion.Mqtt311, "nobody", "nobody", "CONNACK 05")]
    [InlineData(ProtocolVersion.Mqtt50, "nobody", "nobody", "CONNACK 87")]
    [Spec("MQTT-3.1.4-2")]
    [Spec("MQTT-3.2.2-4")]
    [Spec("MQTT-3.2.2-5")]
    [Spec("MQTT-3.2.2-8")]
    public void Refused_login_is_told_in_the_code_of_the_version(ProtocolVersion version, string? user, string? password, string expected)
    {
        _broker.Broker.Users.Add("nobody", "nobody", []); // no right to any virtual host
        MqttClient client = _broker.Open(version);

        Assert.Equal(expected, client.Connect("c", user: user, password: password));
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    public void Virtual_host_before_the_user_name_is_entered()
    {
        Assert.Equal("CONNACK 00", _broker.Open(ProtocolVersion.Mqtt311).Connect("c", user: "/:guest"));
    }

    [Fact]
    public void Client_without_a_name_is_let_in_where_that_is_allowed()
    {
        using var open = new MqttBroker(new MqttOptions { AllowAnonymous = true });

        Assert.Equal("CONNACK 00", open.Open(ProtocolVersion.Mqtt311).Connect("c", user: null, password: null));
    }

    [Fact]
    [Spec("MQTT-3.1.4-5")]
    [Spec("MQTT-3.1.4-6")]
    public void Nothing_behind_a_refused_connect_is_looked_at()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt311);
        client.SendConnect("c", password: "wrong");
        client.Publish("a", "from a stranger", 1, 1, retain: true);

        Assert.Equal(["CONNACK 04", MqttClient.Closed], client.Receive(2));
        MqttClient other = _broker.Connect311("other");
        Assert.Equal("01", other.Subscribe("#", 1));
        Assert.Empty(other.ReceiveUntilPing());
    }

    [Fact]
    [Spec("MQTT-3.1.0-2")]
    public void Second_connect_ends_the_connection()
    {
        MqttClient old = _broker.Connect311("old");
        MqttClient client = _broker.Connect("new");

        old.SendConnect("old");
        client.SendConnect("new");

        Assert.Equal(MqttClient.Closed, old.Receive());
        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], client.Receive(2));
    }

    [Theory]
    [InlineData("30 05 0001 61 6869")]
    [InlineData("40 02 0001")]
    [InlineData("82 06 0001 0001 61 00")]
    [InlineData("C0 00")]
    [InlineData("E0 00")]
    [InlineData("F0 00")]
    [InlineData("20 02 00 00")]
    [Spec("MQTT-3.1.0-1")]
    [Spec("MQTT-3.14.0-1")]
    public void Anything_but_connect_at_first_ends_the_connection_without_a_word(string packet)
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        client.SendHex(packet);

        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    public void Client_that_never_sends_connect_is_dropped()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);
        _broker.Advance(9);
        Assert.False(client.IsGone);

        _broker.Advance(2);

        client.WaitForEnd();
    }

    [Fact]
    [Spec("MQTT-3.1.2-28")]
    public void Response_information_comes_to_those_who_ask()
    {
        Assert.Contains(" ResponseInformation=response/asks", _broker.Open(ProtocolVersion.Mqtt50)
            .Connect("asks", properties: Props.Of(PropertyId.RequestResponseInformation, 1)), StringComparison.Ordinal);
        Assert.DoesNotContain("ResponseInformation", _broker.Open(ProtocolVersion.Mqtt50)
            .Connect("does not", properties: Props.Of(PropertyId.RequestResponseInformation, 0)), StringComparison.Ordinal);
        Assert.DoesNotContain("ResponseInformation", _broker.Open(ProtocolVersion.Mqtt50).Connect("silent"), StringComparison.Ordinal);
    }

    [Fact]
    public void Connack_tells_what_the_server_holds_the_client_to()
    {
        using var strict = new MqttBroker(new MqttOptions
        {
            ReceiveMaximum = 7,
            MaxPacketSize = 1000,
            TopicAliasMaximum = 0,
            RetainAvailable = false,
            MaxSessionExpirySeconds = 60,
        });

        Assert.Equal(
            "CONNACK 00 SessionExpiryInterval=60 ReceiveMaximum=7 RetainAvailable=0 MaximumPacketSize=1000",
            strict.Open(ProtocolVersion.Mqtt50).Connect("c", properties: Props.Of(PropertyId.SessionExpiryInterval, 3600)));
    }

    [Fact]
    [Spec("MQTT-3.2.2-13")]
    public void Retained_will_is_refused_where_nothing_is_retained()
    {
        using var broker = new MqttBroker(new MqttOptions { RetainAvailable = false });
        MqttClient client = broker.Open(ProtocolVersion.Mqtt50);

        Assert.Equal("CONNACK 9A why", client.Connect("c", will: new WillOf("w", "gone", Retain: true)));
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    [Spec("MQTT-3.1.2-24")]
    public void Client_that_takes_no_packet_as_large_as_connack_is_closed()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        Assert.Equal(MqttClient.Closed, client.Connect("c", properties: Props.Of(PropertyId.MaximumPacketSize, 5)));
    }

    [Fact]
    [Spec("MQTT-4.12.0-1")]
    public void Unknown_authentication_method_is_refused()
    {
        MqttClient client = _broker.Open(ProtocolVersion.Mqtt50);

        Assert.Equal("CONNACK 8C why", client.Connect("c", properties: Props.Of(PropertyId.AuthenticationMethod, "RIDDLES")));
        Assert.Equal(MqttClient.Closed, client.Receive());
    }

    [Fact]
    [Spec("MQTT-4.12.0-6")]
    [Spec("MQTT-4.12.0-7")]
    [Spec("MQTT-4.12.1-1")]
    public void Auth_without_a_method_in_connect_ends_the_connection()
    {
        MqttClient client = _broker.Connect("c");

        client.SendHex("F0 0A 19 08 15 0005 5343524155");

        Assert.Equal(["DISCONNECT 82 why", MqttClient.Closed], client.Receive(2));
    }

    [Fact]
    public void Too_many_connections_are_refused()
    {
        using var broker = new MqttBroker(new MqttOptions { MaxConnections = 1 });
        broker.Connect("first");

        Assert.Equal("CONNACK 97 why", broker.Open(ProtocolVersion.Mqtt50).Connect("second"));
        Assert.Equal("CONNACK 05", broker.Open(ProtocolVersion.Mqtt311).Connect("third"));
    }

    [Fact]
    [Spec("MQTT-3.12.4-1")]
    public void Ping_is_answered()
    {
        MqttClient client = _broker.Connect311("c");
        client.SendHex("C0 00 C0 00");

        Assert.Equal(["PINGRESP", "PINGRESP"], client.Receive(2));
    }
}
