using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Protocols.Mqtt;

/// <summary>What a CONNECT asks for, copied out of the packet (MQTT 5.0, 3.1).</summary>
internal sealed class ConnectRequest
{
    public ConnectRequest(in Connect connect)
    {
        Version = connect.Version;
        IsBridge = connect.IsBridge;
        CleanStart = connect.CleanStart;
        KeepAliveSeconds = connect.KeepAlive;
        ClientId = Encoding.UTF8.GetString(connect.ClientId);
        UserName = connect.HasUserName ? Encoding.UTF8.GetString(connect.UserName) : null;
        Password = connect.HasPassword ? Encoding.UTF8.GetString(connect.Password) : null;
        Properties properties = connect.Properties;
        SessionExpirySeconds = connect.SessionExpiryInterval;
        ReceiveMaximum = (int)properties.Number(PropertyId.ReceiveMaximum, ushort.MaxValue);
        MaxPacketSize = (int)Math.Min(properties.Number(PropertyId.MaximumPacketSize, int.MaxValue), int.MaxValue);
        TopicAliasMaximum = (int)properties.Number(PropertyId.TopicAliasMaximum, 0);
        WantsProblemInformation = properties.Number(PropertyId.RequestProblemInformation, 1) == 1;
        WantsResponseInformation = properties.Number(PropertyId.RequestResponseInformation, 0) == 1;
        if (properties.Has(PropertyId.AuthenticationMethod))
        {
            AuthenticationMethod = Encoding.UTF8.GetString(properties.Value(PropertyId.AuthenticationMethod));
            AuthenticationBytes = properties.Value(PropertyId.AuthenticationData).ToArray();
        }

        Will = connect.HasWill ? new WillMessage(connect.Will) : null;
    }

    public ProtocolVersion Version { get; }

    public bool IsBridge { get; }

    public bool CleanStart { get; }

    public int KeepAliveSeconds { get; }

    public string ClientId { get; }

    /// <summary>Null: none was given.</summary>
    public string? UserName { get; }

    /// <summary>Null: none was given.</summary>
    public string? Password { get; }

    public uint SessionExpirySeconds { get; }

    /// <summary>Deliveries the client takes at a time.</summary>
    public int ReceiveMaximum { get; }

    /// <summary>Largest packet the client takes, bytes.</summary>
    public int MaxPacketSize { get; }

    public int TopicAliasMaximum { get; }

    public bool WantsProblemInformation { get; }

    public bool WantsResponseInformation { get; }

    /// <summary>Null: the client does not ask for an extended authentication.</summary>
    public string? AuthenticationMethod { get; }

    public byte[] AuthenticationBytes { get; } = [];

    /// <summary>Null: there is none.</summary>
    public WillMessage? Will { get; }
}
