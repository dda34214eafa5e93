using Warren.Core.Alarms;
using Warren.Core.Metrics;
using Warren.Core.Security;

namespace Warren.Core.Connections;

/// <summary>What the broker asks of a client's connection, whatever its protocol.</summary>
/// <remarks>Called from any thread.</remarks>
public interface IClientConnection
{
    /// <summary>Its name, <c>peer:port -> host:port</c>.</summary>
    string Name { get; }

    /// <summary>Its protocol and version as metrics call them.</summary>
    string ProtocolLabel { get; }

    /// <summary>Who has logged in; null before.</summary>
    User? User { get; }

    /// <summary>The virtual host entered; null before.</summary>
    VirtualHost? VirtualHost { get; }

    /// <summary>Channels open; 1 for a protocol without channels.</summary>
    int ChannelCount { get; }

    /// <summary>Octets from the client.</summary>
    long ReceivedOctets { get; }

    /// <summary>Octets to the client.</summary>
    long SentOctets { get; }

    /// <summary>The rates of the last minute.</summary>
    ObjectHistory History { get; }

    /// <summary>How it stands now.</summary>
    ConnectionView View();

    /// <summary>Its channels at this moment.</summary>
    IReadOnlyList<IClientChannel> ListChannels();

    /// <summary>Closes the connection from the broker's side; the client is told <paramref name="reason"/> if its protocol can.</summary>
    void CloseFor(string reason);

    /// <summary>The alarms that are on have changed.</summary>
    void OnAlarm(AlarmKinds alarms);
}
