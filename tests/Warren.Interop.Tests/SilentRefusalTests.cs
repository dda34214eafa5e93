using Warren.Interop.Tests.Raw;
using Warren.Interop.Tests.Running;
using static Warren.Interop.Tests.Raw.RawMethod;

namespace Warren.Interop.Tests;

/// <summary>Handshakes that end without a word: the socket closes after the silent close delay of 3 s.</summary>
public sealed class SilentRefusalTests : BrokerTest
{
    public SilentRefusalTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public void Failed_login_is_silent_for_other_clients()
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, ConnectionStartOk(response: "\0guest\0wrong"));

        ClosesSilently(client);
    }

    [Theory]
    [InlineData("NOSUCH", "\0guest\0guest")]
    [InlineData("PLAIN", "guest")]
    [InlineData("PLAIN", "")]
    public void Mechanism_or_response_that_makes_no_sense_ends_silently(string mechanism, string response)
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, ConnectionStartOk(mechanism, response));

        ClosesSilently(client);
    }

    [Fact]
    public void Frame_before_start_ok_ends_silently()
    {
        RawClient client = ConnectRaw();

        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, ConnectionOpen());

        ClosesSilently(client);
    }

    [Fact]
    public void Frame_before_tune_ok_ends_silently()
    {
        RawClient client = ConnectRaw();

        client.Authenticate();
        client.Send(0, ConnectionOpen());

        ClosesSilently(client);
    }

    [Theory]
    [InlineData(2047, 131073u)]
    [InlineData(2047, 4095u)]
    [InlineData(2047, 1u)]
    [InlineData(2047, 0u)]
    [InlineData(2048, 131072u)]
    [InlineData(0, 131072u)]
    public void Tune_ok_beyond_what_was_offered_ends_silently(int channelMax, uint frameMax)
    {
        RawClient client = ConnectRaw();

        client.Authenticate();
        client.Send(0, ConnectionTuneOk(channelMax, frameMax));

        ClosesSilently(client);
    }

    private static void ClosesSilently(RawClient client)
    {
        client.ReadTimeoutMs = 9_000;
        client.ExpectSocketClosed();
    }
}
